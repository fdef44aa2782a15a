package io.berth.gateway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.fixture.FakeBackend;
import io.berth.gateway.fixture.Gateway;
import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Wire;
import io.berth.gateway.route.Backend;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Who reads slowly makes the other side wait; the gateway holds next to nothing. */
@ExtendWith(LeakWatch.class)
@Timeout(120)
class BackPressureTest {
    private static final long GIB = 1L << 30;
    private static final int PIECE = 256 * 1024;
    /** Socket buffers, two event loops' caches and the water marks; far below what was sent. */
    private static final long HELD = 24L << 20;

    @TempDir
    Path directory;

    private Gateway gateway;

    @BeforeEach
    void start() {
        gateway = Gateway.in(directory);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void aSlowReaderOfAGibibyteCostsNoMemory() throws Exception {
        AtomicLong sent = new AtomicLong();
        try (FakeBackend _ = new FakeBackend(gateway.socketOf(Backend.IMAGE), wire -> {
                    wire.readHead();
                    wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + GIB + "\r\n\r\n");
                    sendAll(wire, GIB, sent);
                });
                Wire client = gateway.unix()) {
            client.sendLines("GET /images/x/get HTTP/1.1\nHost: docker\n\n");
            client.readHead();
            long stalled = awaitStall(sent);
            assertThat(stalled).isLessThan(HELD);
            assertThat(gateway.transport().directMemory()).isLessThan(HELD);

            long highest = readAll(client, GIB);
            assertThat(highest).isLessThan(HELD);
        }
    }

    @Test
    void aSlowBackendHoldsTheUploadBack() throws Exception {
        AtomicLong sent = new AtomicLong();
        CompletableFuture<Void> mayRead = new CompletableFuture<>();
        try (FakeBackend _ = new FakeBackend(gateway.socketOf(Backend.REGISTRY), wire -> {
                    wire.readHead();
                    mayRead.join();
                    readAll(wire, GIB);
                    wire.send("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
                });
                Wire client = gateway.unix()) {
            client.sendLines("PUT /v2/a/blobs/uploads/1 HTTP/1.1\nHost: localhost\nContent-Length: " + GIB + "\n\n");
            Thread sender = Thread.ofVirtual().start(() -> sendAll(client, GIB, sent));
            assertThat(awaitStall(sent)).isLessThan(HELD);
            assertThat(gateway.transport().directMemory()).isLessThan(HELD);
            mayRead.complete(null);
            assertThat(client.readMessage().status()).isEqualTo(201);
            sender.join();
            assertThat(gateway.transport().directMemory()).isLessThan(HELD);
        }
    }

    @Test
    void aHijackedStreamHoldsItsSenderBackToo() throws Exception {
        AtomicLong sent = new AtomicLong();
        try (FakeBackend _ = new FakeBackend(gateway.socketOf(Backend.ENGINE), wire -> {
                    wire.readHead();
                    wire.send("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
                    sendAll(wire, GIB, sent);
                });
                Wire client = gateway.unix()) {
            client.sendLines("POST /containers/x/attach HTTP/1.1\nHost: docker\nConnection: Upgrade\nUpgrade: tcp\n\n");
            client.readHead();
            assertThat(awaitStall(sent)).isLessThan(HELD);
            assertThat(readAll(client, GIB)).isLessThan(HELD);
            assertThat(client.readToEnd()).isEmpty();
        }
    }

    private static void sendAll(Wire wire, long total, AtomicLong sent) {
        byte[] piece = new byte[PIECE];
        while (sent.get() < total) {
            try {
                wire.send(piece);
            } catch (UncheckedIOException closed) {
                return;
            }
            sent.addAndGet(PIECE);
        }
    }

    /** Reads so many bytes and gives the most direct memory that was held meanwhile. */
    private long readAll(Wire wire, long total) {
        byte[] buffer = new byte[PIECE];
        long left = total;
        long highest = 0;
        while (left > 0) {
            int n = wire.read(buffer);
            assertThat(n).isPositive();
            left -= n;
            highest = Math.max(highest, gateway.transport().directMemory());
        }
        return highest;
    }

    /** Waits until the sender makes no progress for a while. */
    private static long awaitStall(AtomicLong sent) throws InterruptedException {
        long before = -1;
        while (before != sent.get() || before == 0) {
            before = sent.get();
            TimeUnit.MILLISECONDS.sleep(300);
        }
        return before;
    }
}
