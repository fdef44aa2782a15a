package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Much through the gateway, and many streams at once, cost it no memory to speak of. */
@CompatTest
@BerthOnly
@OwnPlatform
class GatewayStreamsIT {
    /** What is pushed and pulled; 5120 for the whole claim. */
    private static final long MEBIBYTES = Long.getLong("gateway.it.mebibytes", 512);

    private static final int STREAMS = Integer.getInteger("gateway.it.streams", 2000);
    private static final long MOST_GROWTH = 64 << 20;

    private final Target target;
    private final GatewayPlatform platform = GatewayPlatform.running();

    GatewayStreamsIT(Target target) {
        this.target = target;
    }

    @Test
    void aLargeBlobIsPushedAndPulledWithoutBeingHeld() throws IOException {
        byte[] piece = new byte[1 << 20];
        long bytes = MEBIBYTES << 20;
        String digest = digestOf(piece, MEBIBYTES);
        platform.http().get("/_ping");
        long before = LiveHeap.of(platform.berth().pidOf("gateway")).total();
        String location;
        try (Connection connection = new Connection()) {
            connection.send(
                    "POST /v2/compat/large/blobs/uploads/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
            String head = connection.head();
            assertThat(head).startsWith("HTTP/1.1 202");
            location = head.replaceAll("(?is).*\r\nlocation: ([^\r]*)\r\n.*", "$1");
            connection.send("PUT " + location + (location.contains("?") ? "&" : "?") + "digest=" + digest
                    + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nContent-Length: "
                    + bytes
                    + "\r\n\r\n");
            for (long i = 0; i < MEBIBYTES; i++) {
                connection.out.write(piece);
            }
            assertThat(connection.head()).startsWith("HTTP/1.1 201");
        }
        long afterPush = LiveHeap.of(platform.berth().pidOf("gateway")).total();
        try (Connection connection = new Connection()) {
            connection.send("GET /v2/compat/large/blobs/" + digest + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(connection.head()).startsWith("HTTP/1.1 200");
            MessageDigest seen = sha256();
            for (long left = bytes; left > 0; ) {
                int read = connection.in.read(piece, 0, (int) Math.min(left, piece.length));
                assertThat(read).isPositive();
                seen.update(piece, 0, read);
                left -= read;
            }
            assertThat("sha256:" + HexFormat.of().formatHex(seen.digest())).isEqualTo(digest);
        }
        long afterPull = LiveHeap.of(platform.berth().pidOf("gateway")).total();
        assertThat(afterPush - before).isLessThan(MOST_GROWTH);
        assertThat(afterPull - before).isLessThan(MOST_GROWTH);
        assertThat(platform.http()
                        .get("/api/platform")
                        .json()
                        .path("directMemoryBytes")
                        .asLong())
                .isLessThan(MOST_GROWTH);
    }

    @Test
    void manyIdleStreamsStayOpenAndHearEverything() throws IOException {
        DockerCli docker = platform.berth().docker();
        Target.importImage(docker, target.rootFileSystem());
        String id = docker.ok(
                "run",
                "-d",
                Target.IMAGE,
                "sh",
                "-c",
                "echo first; while [ ! -e /go ]; do sleep 0.2; done; echo second; exec sleep 1000");
        long before = LiveHeap.of(platform.berth().pidOf("gateway")).total();
        List<Connection> streams = new ArrayList<>();
        try {
            for (int i = 0; i < STREAMS; i++) {
                Connection stream = new Connection();
                streams.add(stream);
                stream.send("GET "
                        + (i % 2 == 0 ? "/containers/" + id + "/logs?follow=1&stdout=1&tail=1" : "/events")
                        + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertThat(stream.head()).startsWith("HTTP/1.1 200");
            }
            long growth = LiveHeap.of(platform.berth().pidOf("gateway")).total() - before;
            assertThat(growth).as("for %d streams", STREAMS).isLessThan(MOST_GROWTH);
            long start = System.nanoTime();
            assertThat(platform.http().get("/_ping").status()).isEqualTo(200);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            docker.ok("exec", id, "touch", "/go");
            for (int i = 0; i < STREAMS; i += 2) {
                streams.get(i).awaitText("second");
            }
            docker.ok("kill", id);
            for (int i = 1; i < STREAMS; i += 2) {
                streams.get(i).awaitText("\"kill\"");
            }
        } finally {
            for (Connection stream : streams) {
                stream.close();
            }
            docker.ok("rm", "-f", id);
            docker.ok("rmi", "-f", Target.IMAGE);
        }
        Eventually.holds(
                Duration.ofSeconds(20),
                () -> platform.http().get("/_ping").status() == 200,
                () -> "the gateway does not answer");
    }

    private static String digestOf(byte[] piece, long times) {
        MessageDigest digest = sha256();
        for (long i = 0; i < times; i++) {
            digest.update(piece);
        }
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** Bytes to and from the gateway's socket. */
    private final class Connection implements AutoCloseable {
        private final SocketChannel channel;
        private final InputStream in;
        private final OutputStream out;

        Connection() throws IOException {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(platform.berth().socket()));
            in = new BufferedInputStream(Channels.newInputStream(channel), 1024);
            out = Channels.newOutputStream(channel);
        }

        void send(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        String head() throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                assertThat(next).as(head.toString()).isNotNegative();
                head.append((char) next);
            }
            return head.toString();
        }

        void awaitText(String text) throws IOException {
            StringBuilder seen = new StringBuilder();
            while (seen.indexOf(text) < 0) {
                int next = in.read();
                assertThat(next).as("the stream ended: %s", seen).isNotNegative();
                seen.append((char) next);
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
