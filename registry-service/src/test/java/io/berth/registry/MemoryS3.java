package io.berth.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * As much of S3 as the registry uses, in memory, with the rules that matter: signatures are verified, bodies have the hash and MD5
 * that their headers say, parts but the last have 5 MiB, a completion names the tags of the parts, lists come in short pages, and an
 * upload that has ended is unknown.
 */
public final class MemoryS3 implements AutoCloseable {
    public static final String BUCKET = "bucket";
    public static final String ACCESS_KEY = "AKIDEXAMPLE";
    public static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    private static final int MIN_PART = 5 * 1024 * 1024;
    private static final int PAGE = 3;
    private static final Pattern PART =
            Pattern.compile("<PartNumber>(\\d+)</PartNumber>|<ETag>(?:&quot;|\")?([0-9a-f]+)(?:&quot;|\")?</ETag>");
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.RFC_1123_DATE_TIME;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Stored(byte[] content, String tag, Instant at) {}

    private record Upload(String key, Instant begun, SortedMap<Integer, byte[]> parts) {}

    private final HttpServer server;
    private final SortedMap<String, Stored> objects = new ConcurrentSkipListMap<>();
    private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
    private final AtomicInteger failures = new AtomicInteger();

    public MemoryS3() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** What a registry is started with so that it uses this. */
    List<String> settings(Path directory) throws IOException {
        Path secret = Files.writeString(directory.resolve("s3-secret"), SECRET + "\n");
        return List.of(
                "--berth.registry.storage=s3",
                "--berth.registry.s3.bucket=" + BUCKET,
                "--berth.registry.s3.endpoint=" + endpoint(),
                "--berth.registry.s3.access-key=" + ACCESS_KEY,
                "--berth.registry.s3.secret-key-file=" + secret,
                "--berth.registry.s3.part-size=5MB");
    }

    /** Keys of all objects. */
    List<String> keys() {
        return List.copyOf(objects.keySet());
    }

    /** How many uploads have begun and not ended. */
    int openUploads() {
        return uploads.size();
    }

    /** Damages an object. */
    void flip(String key) {
        Objects.requireNonNull(objects.get(key)).content()[0] ^= 1;
    }

    /** Has so many requests fail from now on, as a service that is too busy. */
    void fail(int requests) {
        failures.set(requests);
    }

    /** An upload in parts that somebody began and forgot. */
    void leaveUpload(String key) {
        uploads.put(UUID.randomUUID().toString(), new Upload(key, Instant.EPOCH, new TreeMap<>()));
    }

    /** A request that is answered with an error. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        private final int status;

        Refused(int status, String code) {
            super(code);
            this.status = status;
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            try {
                dispatch(exchange, body);
            } catch (Refused e) {
                if (exchange.getRequestMethod().equals("HEAD")) {
                    exchange.sendResponseHeaders(e.status, -1);
                } else {
                    String code = e.getMessage();
                    xml(exchange, e.status, "<Error><Code>" + code + "</Code><Message>" + code + "</Message></Error>");
                }
            }
        }
    }

    private void dispatch(HttpExchange exchange, byte[] body) throws IOException, Refused {
        URI uri = exchange.getRequestURI();
        Map<String, String> query = query(uri.getRawQuery());
        Map<String, String> headers = new TreeMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) ->
                        headers.put(name.toLowerCase(java.util.Locale.ROOT), String.join(",", values)));
        if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new Refused(503, "SlowDown");
        }
        authenticate(exchange.getRequestMethod(), uri, headers, query);
        verify(headers, body);
        String[] path = uri.getPath().substring(1).split("/", 2);
        if (!path[0].equals(BUCKET)) {
            throw new Refused(404, "NoSuchBucket");
        }
        String key = path.length < 2 ? "" : path[1];
        switch (exchange.getRequestMethod()) {
            case "PUT" -> put(exchange, key, query, body);
            case "POST" -> post(exchange, key, query, new String(body, StandardCharsets.UTF_8));
            case "DELETE" -> delete(exchange, key, query);
            default -> {
                if (query.containsKey("list-type")) {
                    list(exchange, query);
                } else if (query.containsKey("uploads")) {
                    listUploads(exchange, query);
                } else {
                    get(exchange, key);
                }
            }
        }
    }

    private static void authenticate(String method, URI uri, Map<String, String> headers, Map<String, String> query)
            throws Refused {
        RequestSignature signature = RequestSignature.of(headers, query);
        if (signature.signature().isEmpty()) {
            throw new Refused(403, "AccessDenied");
        }
        if (!signature.accessKey().equals(ACCESS_KEY)) {
            throw new Refused(403, "InvalidAccessKeyId");
        }
        if (!signature.matches(SECRET, method, uri, headers)) {
            throw new Refused(403, "SignatureDoesNotMatch");
        }
        if (query.containsKey("X-Amz-Expires")) {
            Instant signed = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'")
                    .withZone(ZoneOffset.UTC)
                    .parse(signature.date(), Instant::from);
            if (signed.plusSeconds(Long.parseLong(query.get("X-Amz-Expires"))).isBefore(Instant.now())) {
                throw new Refused(403, "AccessDenied");
            }
        }
    }

    private static void verify(Map<String, String> headers, byte[] body) throws Refused {
        String hash = headers.getOrDefault("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
        if (!hash.equals("UNSIGNED-PAYLOAD") && !hash.equals(HexFormat.of().formatHex(RequestSignature.sha256(body)))) {
            throw new Refused(400, "XAmzContentSHA256Mismatch");
        }
        String md5 = headers.get("content-md5");
        if (md5 != null && !md5.equals(Base64.getEncoder().encodeToString(RequestSignature.digest("MD5", body)))) {
            throw new Refused(400, "BadDigest");
        }
    }

    private static Map<String, String> query(String raw) {
        Map<String, String> query = new TreeMap<>();
        for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
            int at = pair.indexOf('=');
            String value = at < 0 ? "" : URLDecoder.decode(pair.substring(at + 1), StandardCharsets.UTF_8);
            query.put(at < 0 ? pair : pair.substring(0, at), value);
        }
        return query;
    }

    private static String tag(byte[] content) {
        return HexFormat.of().formatHex(RequestSignature.digest("MD5", content));
    }

    private Upload upload(Map<String, String> query, String key) throws Refused {
        Upload upload = uploads.get(query.get("uploadId"));
        if (upload == null || !upload.key().equals(key)) {
            throw new Refused(404, "NoSuchUpload");
        }
        return upload;
    }

    private void put(HttpExchange exchange, String key, Map<String, String> query, byte[] body)
            throws IOException, Refused {
        if (!exchange.getRequestHeaders().containsKey("Content-MD5")) {
            throw new Refused(400, "InvalidDigest");
        }
        if (query.containsKey("uploadId")) {
            upload(query, key).parts().put(Integer.valueOf(query.get("partNumber")), body);
        } else {
            objects.put(key, new Stored(body, tag(body), Instant.now()));
        }
        exchange.getResponseHeaders().set("ETag", "\"" + tag(body) + "\"");
        exchange.sendResponseHeaders(200, -1);
    }

    private void post(HttpExchange exchange, String key, Map<String, String> query, String body)
            throws IOException, Refused {
        if (query.containsKey("uploads")) {
            String id = UUID.randomUUID().toString();
            uploads.put(id, new Upload(key, Instant.now(), new ConcurrentSkipListMap<>()));
            xml(
                    exchange,
                    200,
                    "<InitiateMultipartUploadResult><Bucket>" + BUCKET + "</Bucket><Key>" + key + "</Key><UploadId>"
                            + id + "</UploadId></InitiateMultipartUploadResult>");
            return;
        }
        SortedMap<Integer, byte[]> parts = upload(query, key).parts();
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        ByteArrayOutputStream tags = new ByteArrayOutputStream();
        Matcher named = PART.matcher(body);
        int number = 0;
        int count = 0;
        int last = 0;
        String tag = "";
        // Number and tag of a part come in either order.
        while (named.find()) {
            if (named.group(1) != null) {
                number = Integer.parseInt(named.group(1));
            } else {
                tag = named.group(2);
            }
            if (number == 0 || tag.isEmpty()) {
                continue;
            }
            byte[] part = parts.get(number);
            if (part == null || !tag(part).equals(tag) || number != ++count) {
                throw new Refused(400, "InvalidPart");
            }
            if (count > 1 && last < MIN_PART) {
                throw new Refused(400, "EntityTooSmall");
            }
            last = part.length;
            whole.writeBytes(part);
            tags.writeBytes(HexFormat.of().parseHex(tag));
            number = 0;
            tag = "";
        }
        if (count == 0) {
            throw new Refused(400, "MalformedXML");
        }
        String all = tag(tags.toByteArray()) + "-" + count;
        objects.put(key, new Stored(whole.toByteArray(), all, Instant.now()));
        uploads.remove(query.get("uploadId"));
        xml(
                exchange,
                200,
                "<CompleteMultipartUploadResult><Key>" + key + "</Key><ETag>\"" + all
                        + "\"</ETag></CompleteMultipartUploadResult>");
    }

    private void delete(HttpExchange exchange, String key, Map<String, String> query) throws IOException, Refused {
        if (query.containsKey("uploadId")) {
            upload(query, key);
            uploads.remove(query.get("uploadId"));
        } else {
            objects.remove(key);
        }
        exchange.sendResponseHeaders(204, -1);
    }

    private void get(HttpExchange exchange, String key) throws IOException, Refused {
        Stored stored = objects.get(key);
        if (stored == null) {
            throw new Refused(404, "NoSuchKey");
        }
        byte[] content = stored.content();
        exchange.getResponseHeaders()
                .set("Last-Modified", HTTP_DATE.format(stored.at().atOffset(ZoneOffset.UTC)));
        exchange.getResponseHeaders().set("ETag", "\"" + stored.tag() + "\"");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        byte[] part = content;
        if (range != null) {
            String[] ends = range.substring("bytes=".length()).split("-", -1);
            int first = Integer.parseInt(ends[0]);
            if (first >= content.length) {
                throw new Refused(416, "InvalidRange");
            }
            part = Arrays.copyOfRange(content, first, Math.min(content.length, Integer.parseInt(ends[1]) + 1));
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + ends[0] + "-" + ends[1] + "/" + content.length);
        }
        exchange.sendResponseHeaders(range == null ? 200 : 206, part.length == 0 ? -1 : part.length);
        exchange.getResponseBody().write(part);
    }

    private void list(HttpExchange exchange, Map<String, String> query) throws IOException {
        String prefix = query.getOrDefault("prefix", "");
        String after = query.getOrDefault("continuation-token", "");
        List<String> keys = objects.keySet().stream()
                .filter(key -> key.startsWith(prefix) && key.compareTo(after) > 0)
                .limit(PAGE + 1L)
                .toList();
        boolean more = keys.size() > PAGE;
        StringBuilder xml = new StringBuilder("<ListBucketResult><IsTruncated>" + more + "</IsTruncated>");
        for (String key : keys.subList(0, Math.min(PAGE, keys.size()))) {
            Stored stored = objects.get(key);
            if (stored != null) {
                xml.append("<Contents><Key>" + key + "</Key><LastModified>" + stored.at() + "</LastModified><Size>"
                        + stored.content().length + "</Size></Contents>");
            }
        }
        String next = more ? "<NextContinuationToken>" + keys.get(PAGE - 1) + "</NextContinuationToken>" : "";
        xml(exchange, 200, xml + next + "</ListBucketResult>");
    }

    private void listUploads(HttpExchange exchange, Map<String, String> query) throws IOException {
        String prefix = query.getOrDefault("prefix", "");
        StringBuilder xml = new StringBuilder("<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>");
        Stream<Map.Entry<String, Upload>> open = uploads.entrySet().stream();
        open.filter(entry -> entry.getValue().key().startsWith(prefix))
                .forEach(entry -> xml.append("<Upload><Key>" + entry.getValue().key() + "</Key><UploadId>"
                        + entry.getKey() + "</UploadId><Initiated>"
                        + entry.getValue().begun()
                        + "</Initiated></Upload>"));
        xml(exchange, 200, xml + "</ListMultipartUploadsResult>");
    }

    private static void xml(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + body).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/xml");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
