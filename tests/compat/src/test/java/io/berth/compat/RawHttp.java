package io.berth.compat;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * HTTP/1.1 over a Unix socket with nothing added and nothing tidied up, for requests that no polite client would send. One
 * connection per request.
 */
final class RawHttp {
    private static final JsonMapper JSON = new JsonMapper();

    private final Path socket;

    RawHttp(Path socket) {
        this.socket = socket;
    }

    Response get(String path) {
        return send("GET", path, Map.of(), new byte[0]);
    }

    Response post(String path, String json) {
        return send("POST", path, Map.of("Content-Type", "application/json"), json.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends a request whose path goes out exactly as given, and reads its whole answer. */
    Response send(String method, String path, Map<String, String> headers, byte[] body) {
        StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        if (body.length > 0 || !method.equals("GET")) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        head.append(headers.containsKey("Connection") ? "\r\n" : "Connection: close\r\n\r\n");
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            write(channel, head.toString().getBytes(StandardCharsets.ISO_8859_1));
            write(channel, body);
            return read(Channels.newInputStream(channel), method);
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path + " on " + socket, e);
        }
    }

    private static void write(SocketChannel channel, byte[] content) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static Response read(InputStream in, String method) throws IOException {
        String[] status = line(in).split(" ", 3);
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        int code = Integer.parseInt(status[1]);
        byte[] body;
        if (method.equals("HEAD") || code == 204 || code == 304) {
            body = new byte[0];
        } else if (headers.getOrDefault("Transfer-Encoding", "")
                .toLowerCase(Locale.ROOT)
                .contains("chunked")) {
            body = chunks(in);
        } else if (headers.containsKey("Content-Length")) {
            body = in.readNBytes(Integer.parseInt(headers.get("Content-Length")));
        } else {
            body = in.readAllBytes();
        }
        return new Response(code, headers, new String(body, StandardCharsets.UTF_8));
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = size(in); size > 0; size = size(in)) {
            body.write(in.readNBytes(size));
            line(in);
        }
        return body.toByteArray();
    }

    private static int size(InputStream in) throws IOException {
        return Integer.parseInt(line(in).split(";", 2)[0].strip(), 16);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection ended within a line: " + line);
            }
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /** An answer; header names compare without case. */
    record Response(int status, Map<String, String> headers, String body) {
        JsonNode json() {
            return JSON.readTree(body);
        }

        String header(String name) {
            return headers.getOrDefault(name, "");
        }

        /** The {@code message} of Docker's error shape; fails when the body has another shape. */
        String message() {
            JsonNode json = json();
            if (!json.path("message").isString() || json.size() != 1) {
                throw new AssertionError("not {\"message\": …}: " + this);
            }
            return json.get("message").asString();
        }

        /** The code of the first of the registry's {@code errors[]}; fails when the body has another shape. */
        String registryCode() {
            JsonNode code = json().path("errors").path(0).path("code");
            if (!code.isString()) {
                throw new AssertionError("not {\"errors\": [{\"code\": …}]}: " + this);
            }
            return code.asString();
        }

        List<String> lines() {
            return body.lines().toList();
        }
    }
}
