package io.berth.gateway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.fixture.FakeBackend;
import io.berth.gateway.fixture.Gateway;
import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Wire;
import io.berth.gateway.route.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Long bodies, which the kernel moves, arrive as they were sent, and end as they ended. */
@ExtendWith(LeakWatch.class)
@Timeout(60)
class SplicedBodyTest {
    private static final int LENGTH = (8 << 20) + 4711;
    private static final String GET = "GET /images/x/get HTTP/1.1\nHost: localhost\n\n";
    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Length: " + LENGTH + "\r\n\r\n";

    @TempDir
    Path directory;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final byte[] body = new byte[LENGTH];
    private Gateway gateway;

    @BeforeEach
    void start() {
        random.nextBytes(body);
        gateway = Gateway.in(directory);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void bodiesArriveWholeOneAfterTheOtherOverTheSameConnections() throws Exception {
        long pipes = pipes();
        try (FakeBackend backend = new FakeBackend(gateway.socketOf(Backend.IMAGE), wire -> {
                    while (true) {
                        wire.readHead();
                        wire.send(HEAD);
                        sendInPieces(wire, LENGTH);
                        wire.readHead();
                        wire.send(FakeBackend.ok("short"));
                    }
                });
                Wire unix = gateway.unix();
                Wire tcp = gateway.tcp()) {
            for (int i = 0; i < 3; i++) {
                for (Wire client : new Wire[] {unix, tcp}) {
                    client.sendLines(GET + GET);
                    assertThat(client.readHead()).contains("Content-Length: " + LENGTH);
                    assertThat(Arrays.equals(client.readExactly(LENGTH), body))
                            .as("seed %d", seed)
                            .isTrue();
                    assertThat(client.readMessage().body()).isEqualTo("short");
                }
            }
            assertThat(backend.connections()).isLessThanOrEqualTo(2);
        }
        assertThat(pipes()).isEqualTo(pipes);
    }

    /** What is on its way when the backend goes is in its socket, in the pipe or in the client's socket, by the length. */
    @ParameterizedTest
    @MethodSource("lengths")
    void aSlowReaderGetsAllOfWhatABackendSentThatHasGone(int length) throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        try (FakeBackend _ = new FakeBackend(gateway.socketOf(Backend.IMAGE), wire -> {
                    wire.readHead();
                    wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
                    sendInPieces(wire, length);
                    wire.close();
                    gone.countDown();
                });
                Wire client = gateway.unix()) {
            client.sendLines(GET);
            client.readHead();
            // The longest do not fit into what lies between the two.
            boolean _ = gone.await(300, TimeUnit.MILLISECONDS);
            Thread.sleep(50);
            assertThat(Arrays.equals(client.readExactly(length), Arrays.copyOf(body, length)))
                    .isTrue();
        }
    }

    static IntStream lengths() {
        return IntStream.rangeClosed(0, 25).map(step -> 260_000 + step * 8 * 1024);
    }

    @Test
    void aBodyThatBreaksOffIsNotMistakenForAWholeOne() throws Exception {
        long pipes = pipes();
        try (FakeBackend _ = new FakeBackend(gateway.socketOf(Backend.IMAGE), wire -> {
                    wire.readHead();
                    wire.send(HEAD);
                    sendInPieces(wire, LENGTH - 1000);
                });
                Wire client = gateway.unix()) {
            client.sendLines(GET);
            client.readHead();
            byte[] buffer = new byte[64 * 1024];
            long read = 0;
            for (int n; (n = client.read(buffer)) > 0; ) {
                read += n;
            }
            assertThat(read).isLessThan(LENGTH).isGreaterThan(0);
        }
        assertThat(pipes()).isEqualTo(pipes);
    }

    @Test
    void aClientThatGoesAwayEndsTheTransfer() throws Exception {
        long pipes = pipes();
        CountDownLatch ended = new CountDownLatch(2);
        try (FakeBackend _ = new FakeBackend(gateway.socketOf(Backend.IMAGE), wire -> {
            wire.readHead();
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + (1L << 40) + "\r\n\r\n");
            try {
                while (true) {
                    wire.send(body);
                }
            } finally {
                ended.countDown();
            }
        })) {
            for (boolean reset : new boolean[] {false, true}) {
                try (Wire client = gateway.tcp()) {
                    client.sendLines(GET);
                    client.readHead();
                    client.readExactly(3 << 20);
                    if (reset) {
                        client.resetOnClose();
                    }
                }
            }
            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        }
        for (int i = 0; i < 100 && pipes() != pipes; i++) {
            Thread.sleep(50);
        }
        assertThat(pipes()).isEqualTo(pipes);
    }

    @Test
    void whatABackendSendsBehindItsBodyReachesNobody() throws Exception {
        try (FakeBackend _ = new FakeBackend(gateway.socketOf(Backend.IMAGE), wire -> {
                    wire.readHead();
                    wire.send(HEAD);
                    wire.send(body);
                    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong");
                    wire.readToEnd();
                });
                Wire client = gateway.tcp()) {
            client.sendLines(GET);
            client.readHead();
            assertThat(Arrays.equals(client.readExactly(LENGTH), body)).isTrue();
            Thread.sleep(100);
            try (FakeBackend _ = FakeBackend.answering(gateway.socketOf(Backend.IMAGE), _ -> FakeBackend.ok("right"))) {
                client.sendLines(GET);
                assertThat(client.readMessage().body()).isEqualTo("right");
            }
        }
    }

    private void sendInPieces(Wire wire, int total) {
        for (int sent = 0; sent < total; ) {
            int piece = Math.min(total - sent, 1 + random.nextInt(300_000));
            wire.send(Arrays.copyOfRange(body, sent, sent + piece));
            sent += piece;
        }
    }

    private static long pipes() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(SplicedBodyTest::isPipe).count();
        }
    }

    private static boolean isPipe(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("pipe:");
        } catch (IOException closed) {
            return false;
        }
    }
}
