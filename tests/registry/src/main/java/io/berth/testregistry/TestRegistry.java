package io.berth.testregistry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.oci.OciJson;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** A small registry in memory on a loopback address, which can be told to misbehave. */
public final class TestRegistry implements AutoCloseable {
    private static final Pattern MANIFEST = Pattern.compile("/v2/(.+)/manifests/([^/]+)");
    private static final Pattern REFERRERS = Pattern.compile("/v2/(.+)/referrers/([^/]+)");
    private static final Pattern BLOB = Pattern.compile("/v2/(.+)/blobs/([^/]+:[^/]+)");
    private static final Pattern UPLOADS = Pattern.compile("/v2/(.+)/blobs/uploads/");
    private static final Pattern SESSION = Pattern.compile("/v2/(.+)/blobs/uploads/([^/]+)");
    private static final Pattern TAGS = Pattern.compile("/v2/(.+)/tags/list");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
    private final Map<String, Map.Entry<String, byte[]>> manifests = new ConcurrentHashMap<>();
    private final Map<String, byte[]> sessions = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile boolean referrersServed;
    private final List<Fault> faults = new CopyOnWriteArrayList<>();

    /** Something else to do instead of answering; returns whether it did. */
    @FunctionalInterface
    public interface Fault {
        boolean answer(HttpExchange exchange) throws IOException;
    }

    /** A request that came. */
    public record Request(String method, URI uri, Map<String, List<String>> headers) {
        public String header(String name) {
            List<String> values = headers.get(name);
            return values == null ? "" : values.getFirst();
        }
    }

    public TestRegistry() {
        this("127.0.0.1");
    }

    public TestRegistry(String address) {
        this(plain(address));
    }

    /** On a server that has been bound and not started. */
    public TestRegistry(HttpServer server) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    private static HttpServer plain(String address) {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getByName(address), 0), 64);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code 127.0.0.1:port}. */
    public String domain() {
        return server.getAddress().getAddress().getHostAddress() + ":"
                + server.getAddress().getPort();
    }

    public List<Request> requests() {
        return requests;
    }

    public long count(String method, String pathPart) {
        return requests.stream()
                .filter(request -> request.method().equals(method)
                        && request.uri().getPath().contains(pathPart))
                .count();
    }

    /** Adds a fault; those added first are asked first. */
    public void fault(Fault fault) {
        faults.add(fault);
    }

    public void clearFaults() {
        faults.clear();
    }

    public Digest addBlob(String repository, byte[] content) {
        Digest digest = Digest.sha256(content);
        blobs.put(repository + "@" + digest, content);
        return digest;
    }

    /** Puts content under a digest that it need not have. */
    public void addBlob(String repository, Digest digest, byte[] content) {
        blobs.put(repository + "@" + digest, content);
    }

    public byte[] blob(String repository, Digest digest) {
        byte[] content = blobs.get(repository + "@" + digest);
        return content == null ? new byte[0] : content;
    }

    public boolean hasBlob(String repository, Digest digest) {
        return blobs.containsKey(repository + "@" + digest);
    }

    public void removeBlobs(String repository) {
        blobs.keySet().removeIf(key -> key.startsWith(repository + "@"));
    }

    public Digest addManifest(String repository, String tag, String mediaType, byte[] content) {
        Digest digest = Digest.sha256(content);
        manifests.put(repository + ":" + tag, Map.entry(mediaType, content));
        manifests.put(repository + ":" + digest, Map.entry(mediaType, content));
        return digest;
    }

    public byte[] manifest(String repository, String reference) {
        Map.Entry<String, byte[]> stored = manifests.get(repository + ":" + reference);
        return stored == null ? new byte[0] : stored.getValue();
    }

    private void handle(HttpExchange exchange) throws IOException {
        requests.add(new Request(
                exchange.getRequestMethod(), exchange.getRequestURI(), new HashMap<>(exchange.getRequestHeaders())));
        try {
            for (Fault fault : faults) {
                if (fault.answer(exchange)) {
                    return;
                }
            }
            String path = exchange.getRequestURI().getPath();
            if (path.equals("/v2/")) {
                send(exchange, 200, "application/json", "{}".getBytes(StandardCharsets.UTF_8));
            } else if (!route(exchange, path)) {
                error(exchange, 404, "NAME_UNKNOWN", "repository name not known to registry");
            }
        } finally {
            exchange.close();
        }
    }

    private boolean route(HttpExchange exchange, String path) throws IOException {
        Matcher manifest = MANIFEST.matcher(path);
        Matcher tags = TAGS.matcher(path);
        Matcher uploads = UPLOADS.matcher(path);
        Matcher session = SESSION.matcher(path);
        Matcher blob = BLOB.matcher(path);
        Matcher referrers = REFERRERS.matcher(path);
        if (referrers.matches() && referrersServed) {
            referrers(exchange, referrers.group(1), referrers.group(2));
        } else if (manifest.matches()) {
            manifests(exchange, manifest.group(1), manifest.group(2));
        } else if (tags.matches()) {
            tags(exchange, tags.group(1));
        } else if (uploads.matches()) {
            begin(exchange, uploads.group(1));
        } else if (session.matches()) {
            upload(exchange, session.group(1), session.group(2));
        } else if (blob.matches()) {
            blobs(exchange, blob.group(1), blob.group(2));
        } else {
            return false;
        }
        return true;
    }

    private void manifests(HttpExchange exchange, String repository, String reference) throws IOException {
        if (exchange.getRequestMethod().equals("PUT")) {
            byte[] content = exchange.getRequestBody().readAllBytes();
            Digest digest = addManifest(
                    repository, reference, exchange.getRequestHeaders().getFirst("Content-Type"), content);
            exchange.getResponseHeaders().set("Docker-Content-Digest", digest.toString());
            exchange.sendResponseHeaders(201, -1);
            return;
        }
        Map.Entry<String, byte[]> stored = manifests.get(repository + ":" + reference);
        if (stored == null) {
            error(exchange, 404, "MANIFEST_UNKNOWN", "manifest unknown");
            return;
        }
        exchange.getResponseHeaders()
                .set("Docker-Content-Digest", Digest.sha256(stored.getValue()).toString());
        send(exchange, 200, stored.getKey(), stored.getValue());
    }

    /** Has the API of referrers from now on, as registries of version 1.1 of the specification have. */
    public void serveReferrers() {
        referrersServed = true;
    }

    private void referrers(HttpExchange exchange, String repository, String subject) throws IOException {
        List<String> found = new ArrayList<>();
        manifests.forEach((key, stored) -> {
            JsonNode document = OciJson.MAPPER.readTree(stored.getValue());
            if (key.startsWith(repository + ":sha256:")
                    && document.path("subject").path("digest").asString("").equals(subject)) {
                found.add("{\"mediaType\":\"" + stored.getKey() + "\",\"digest\":\""
                        + Digest.sha256(stored.getValue()) + "\",\"size\":" + stored.getValue().length
                        + ",\"artifactType\":" + document.path("artifactType") + "}");
            }
        });
        send(
                exchange,
                200,
                MediaType.OCI_INDEX,
                ("{\"schemaVersion\":2,\"manifests\":[" + String.join(",", found) + "]}")
                        .getBytes(StandardCharsets.UTF_8));
    }

    private void tags(HttpExchange exchange, String repository) throws IOException {
        List<String> tags = new ArrayList<>();
        manifests.keySet().stream()
                .filter(key -> key.startsWith(repository + ":") && !key.contains("sha256:"))
                .sorted()
                .forEach(key -> tags.add("\"" + key.substring(repository.length() + 1) + "\""));
        send(
                exchange,
                200,
                "application/json",
                ("{\"name\":\"" + repository + "\",\"tags\":[" + String.join(",", tags) + "]}")
                        .getBytes(StandardCharsets.UTF_8));
    }

    private void blobs(HttpExchange exchange, String repository, String digest) throws IOException {
        byte[] content = blobs.get(repository + "@" + digest);
        if (content == null) {
            error(exchange, 404, "BLOB_UNKNOWN", "blob unknown to registry");
            return;
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (range == null) {
            send(exchange, 200, "application/octet-stream", content);
            return;
        }
        int from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
        exchange.getResponseHeaders()
                .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        send(exchange, 206, "application/octet-stream", Arrays.copyOfRange(content, from, content.length));
    }

    private void begin(HttpExchange exchange, String repository) throws IOException {
        Map<String, String> query = query(exchange);
        String source = query.get("from") + "@" + query.get("mount");
        if (query.containsKey("mount") && blobs.containsKey(source)) {
            blobs.put(repository + "@" + query.get("mount"), blobs.get(source));
            exchange.sendResponseHeaders(201, -1);
            return;
        }
        String id = UUID.randomUUID().toString();
        sessions.put(id, new byte[0]);
        exchange.getResponseHeaders().set("Location", "/v2/" + repository + "/blobs/uploads/" + id + "?state=s");
        exchange.sendResponseHeaders(202, -1);
    }

    private void upload(HttpExchange exchange, String repository, String id) throws IOException {
        byte[] before = sessions.get(id);
        if (before == null) {
            error(exchange, 404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
            return;
        }
        exchange.getResponseHeaders().set("Location", "/v2/" + repository + "/blobs/uploads/" + id + "?state=s");
        switch (exchange.getRequestMethod()) {
            case "PATCH" -> {
                exchange.getResponseHeaders().set("Range", "0-" + (receive(exchange, id, before).length - 1));
                exchange.sendResponseHeaders(202, -1);
            }
            case "PUT" -> {
                byte[] all = receive(exchange, id, before);
                String digest = query(exchange).get("digest");
                if (digest == null || !digest.equals(Digest.sha256(all).toString())) {
                    error(exchange, 400, "DIGEST_INVALID", "provided digest did not match uploaded content");
                    return;
                }
                blobs.put(repository + "@" + digest, all);
                sessions.remove(id);
                exchange.sendResponseHeaders(201, -1);
            }
            case "DELETE" -> {
                sessions.remove(id);
                exchange.sendResponseHeaders(204, -1);
            }
            default -> {
                exchange.getResponseHeaders().set("Range", "0-" + Math.max(0, before.length - 1));
                exchange.sendResponseHeaders(204, -1);
            }
        }
    }

    private byte[] receive(HttpExchange exchange, String id, byte[] before) throws IOException {
        byte[] more = exchange.getRequestBody().readAllBytes();
        byte[] all = Arrays.copyOf(before, before.length + more.length);
        System.arraycopy(more, 0, all, before.length, more.length);
        sessions.put(id, all);
        return all;
    }

    /** Keeps the first bytes of an upload, as a registry does when the connection breaks. */
    public void receivePart(HttpExchange exchange, int length) throws IOException {
        String path = exchange.getRequestURI().getPath();
        sessions.put(
                path.substring(path.lastIndexOf('/') + 1),
                exchange.getRequestBody().readNBytes(length));
        exchange.close();
    }

    public static Map<String, String> query(HttpExchange exchange) {
        Map<String, String> query = new HashMap<>();
        String raw = exchange.getRequestURI().getRawQuery();
        for (String part : raw == null ? new String[0] : raw.split("&")) {
            String[] pair = part.split("=", 2);
            query.put(pair[0], pair.length < 2 ? "" : URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
        }
        return query;
    }

    public static void error(HttpExchange exchange, int status, String code, String message) throws IOException {
        send(
                exchange,
                status,
                "application/json",
                ("{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"" + message + "\",\"detail\":{}}]}")
                        .getBytes(StandardCharsets.UTF_8));
    }

    public static void send(HttpExchange exchange, int status, String contentType, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", contentType);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    /** Promises the whole content, sends the first bytes and drops the connection. */
    public static void sendPart(HttpExchange exchange, byte[] content, int length) throws IOException {
        exchange.sendResponseHeaders(200, content.length);
        exchange.getResponseBody().write(content, 0, length);
        exchange.getResponseBody().flush();
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
