package io.berth.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Docker's API over a Unix socket, on one connection that is kept, so that a measurement holds the daemon's time and hardly
 * any of the client's. Not thread-safe.
 */
final class ApiClient implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final Path socket;
    private SocketChannel channel;
    private InputStream in;

    ApiClient(Path socket) {
        this.socket = socket;
        try {
            this.channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            this.channel.connect(UnixDomainSocketAddress.of(socket));
            this.in = new BufferedInputStream(Channels.newInputStream(channel));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot connect to " + socket, e);
        }
    }

    /** Sends a request and reads its whole answer; fails when the status is not 2xx. */
    Answer call(String method, String path, String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        String head = method + " " + path
                + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " + body.length
                + "\r\n\r\n";
        try {
            write(head, body);
            Answer answer = read(method);
            if (answer.status() / 100 != 2) {
                throw new IllegalStateException(method + " " + path + ": " + answer.status() + " " + answer.text());
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path, e);
        }
    }

    /** Makes an image of a tar file and returns its id. */
    String importImage(Path tar, String repository, String tag) {
        String path = "/images/create?fromSrc=-&repo=" + repository + "&tag=" + tag;
        try (FileChannel file = FileChannel.open(tar)) {
            write(
                    "POST " + path
                            + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-tar\r\nContent-Length: "
                            + file.size() + "\r\n\r\n",
                    new byte[0]);
            long sent = 0;
            while (sent < file.size()) {
                sent += file.transferTo(sent, file.size() - sent, channel);
            }
            Answer answer = read("POST");
            if (answer.status() != 200 || answer.text().contains("errorDetail")) {
                throw new IllegalStateException("cannot import: " + answer.status() + " " + answer.text());
            }
            return answer.text();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot import " + tar, e);
        }
    }

    /**
     * Builds what an archive holds, by the classic endpoint.
     *
     * @return the image's id
     */
    String build(byte[] archive) {
        try {
            write(
                    "POST /build?q=1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-tar\r\nContent-Length: "
                            + archive.length + "\r\n\r\n",
                    archive);
            Answer answer = read("POST");
            if (answer.status() != 200 || answer.text().contains("errorDetail")) {
                throw new IllegalStateException("cannot build: " + answer.status() + " " + answer.text());
            }
            return answer.text();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot build", e);
        }
    }

    /**
     * Starts an exec and reads its output to the end, which is the end of the connection.
     *
     * @return the output with the frame headers of the raw stream
     */
    static byte[] runExec(Path socket, String execId) {
        byte[] body = "{\"Detach\":false,\"Tty\":false}".getBytes(StandardCharsets.UTF_8);
        try (SocketChannel hijacked = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            hijacked.connect(UnixDomainSocketAddress.of(socket));
            String head = "POST /exec/" + execId
                    + "/start HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
                    + "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n";
            writeAll(hijacked, head.getBytes(StandardCharsets.US_ASCII));
            writeAll(hijacked, body);
            InputStream answer = new BufferedInputStream(Channels.newInputStream(hijacked));
            String status = line(answer);
            if (!status.contains(" 101 ") && !status.contains(" 200 ")) {
                throw new IllegalStateException("exec start: " + status);
            }
            while (!line(answer).isEmpty()) {
                // headers
            }
            return answer.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("exec " + execId, e);
        }
    }

    private void write(String head, byte[] body) throws IOException {
        byte[] start = head.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer all =
                ByteBuffer.allocate(start.length + body.length).put(start).put(body);
        writeAll(channel, all.array());
    }

    private static void writeAll(SocketChannel channel, byte[] content) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
            int written = channel.write(buffer);
            if (written < 0) {
                throw new EOFException("connection closed");
            }
        }
    }

    private Answer read(String method) throws IOException {
        int status = Integer.parseInt(line(in).split(" ", 3)[1]);
        int length = -1;
        boolean chunked = false;
        boolean close = false;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(15).strip());
            }
            chunked |= lower.startsWith("transfer-encoding:") && lower.contains("chunked");
            close |= lower.startsWith("connection:") && lower.contains("close");
        }
        byte[] body;
        if (status == 204 || status == 304 || method.equals("HEAD")) {
            body = new byte[0];
        } else if (chunked) {
            body = chunks();
        } else if (length >= 0) {
            body = in.readNBytes(length);
        } else {
            body = in.readAllBytes();
            close = true;
        }
        if (close) {
            reconnect();
        }
        return new Answer(status, new String(body, StandardCharsets.UTF_8));
    }

    private void reconnect() throws IOException {
        channel.close();
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        in = new BufferedInputStream(Channels.newInputStream(channel));
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = chunkSize(); size > 0; size = chunkSize()) {
            body.write(in.readNBytes(size));
            String end = line(in);
            assert end.isEmpty();
        }
        while (!line(in).isEmpty()) {
            // trailers
        }
        return body.toByteArray();
    }

    private int chunkSize() throws IOException {
        return Integer.parseInt(line(in).split(";", 2)[0].strip(), 16);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection ended in a line: " + line);
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * An answer.
     *
     * @param status of HTTP
     * @param text the body
     */
    record Answer(int status, String text) {
        JsonNode json() {
            return JSON.readTree(text);
        }
    }
}
