package io.berth.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** One kept connection to a registry, which costs the client next to nothing: it throws away what it reads. Used by one thread. */
final class RegistryConnection implements AutoCloseable {
    private static final int BUFFER = 256 * 1024;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final String common;
    private final byte[] buffer = new byte[BUFFER];

    /** @param headers of every request, each with its line end */
    RegistryConnection(int port, String headers) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream(), BUFFER);
        out = socket.getOutputStream();
        common = "Host: localhost:" + port + "\r\n" + headers;
    }

    /**
     * An answer without its body.
     *
     * @param headers by name in lower case
     * @param length of the body in bytes
     */
    record Answer(int status, Map<String, String> headers, long length) {}

    /** @throws IllegalStateException when the status is another one */
    Answer send(String method, String path, String type, byte[] body, int expected) throws IOException {
        return send(method, path, type, body, body.length, expected);
    }

    /** Sends {@code body} over and over until {@code length} bytes are sent. */
    Answer send(String method, String path, String type, byte[] body, long length, int expected) throws IOException {
        String head = method + " " + path + " HTTP/1.1\r\n" + common
                + (length == 0 && method.equals("GET") ? "" : "Content-Length: " + length + "\r\n")
                + (type.isEmpty() ? "" : "Content-Type: " + type + "\r\n") + "\r\n";
        out.write(head.getBytes(StandardCharsets.ISO_8859_1));
        for (long left = length; left > 0; left -= body.length) {
            out.write(body, 0, (int) Math.min(left, body.length));
        }
        Answer answer = read(method);
        if (answer.status() != expected) {
            throw new IllegalStateException(method + " " + path + ": " + answer);
        }
        return answer;
    }

    private Answer read(String method) throws IOException {
        String status = line();
        Map<String, String> headers = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        long length = 0;
        if (!method.equals("HEAD") && headers.containsKey("transfer-encoding")) {
            for (long chunk = chunk(); ; chunk = chunk()) {
                skip(chunk + 2);
                length += chunk;
                if (chunk == 0) {
                    break;
                }
            }
        } else if (!method.equals("HEAD")) {
            length = Long.parseLong(headers.getOrDefault("content-length", "0"));
            skip(length);
        }
        return new Answer(Integer.parseInt(status.split(" ")[1]), headers, length);
    }

    private long chunk() throws IOException {
        return Long.parseLong(line().strip(), 16);
    }

    private void skip(long length) throws IOException {
        for (long left = length; left > 0; ) {
            int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (read < 0) {
                throw new EOFException("the answer ended early");
            }
            left -= read;
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the registry closed the connection");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
