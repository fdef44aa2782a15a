package io.berth.gateway.transport;

import static io.berth.gateway.fixture.FakeBackend.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.fixture.FakeBackend;
import io.berth.gateway.fixture.Gateway;
import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Wire;
import io.berth.gateway.route.Backend;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What works on both transports: NIO is for machines where the native library does not load. */
@ExtendWith(LeakWatch.class)
@Timeout(20)
class TransportTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void requestsAndHijackedStreamsPass(boolean epoll) {
        Transport transport = epoll ? Transport.open(2) : Transport.nio(2);
        try (Gateway gateway = new Gateway(directory, transport, Duration.ofSeconds(10), Gateway.lenient());
                FakeBackend backend = new FakeBackend(gateway.socketOf(Backend.ENGINE), wire -> {
                    while (true) {
                        Wire.Message request = wire.readMessage();
                        if (request.start().startsWith("POST")) {
                            wire.send("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nout");
                            wire.send(wire.readText(2));
                            return;
                        }
                        wire.send(ok("OK"));
                    }
                });
                Wire unix = gateway.unix();
                Wire tcp = gateway.tcp()) {
            assertThat(gateway.transport().epoll()).isEqualTo(epoll);
            for (int i = 0; i < 100; i++) {
                unix.sendLines("GET /_ping HTTP/1.1\nHost: docker\n\n");
                assertThat(unix.readMessage().body()).isEqualTo("OK");
                tcp.sendLines("GET /_ping HTTP/1.1\nHost: localhost\n\n");
                assertThat(tcp.readMessage().body()).isEqualTo("OK");
            }
            unix.sendLines("POST /containers/x/attach HTTP/1.1\nHost: docker\nConnection: Upgrade\nUpgrade: tcp\n\n");
            unix.readHead();
            assertThat(unix.readText(3)).isEqualTo("out");
            unix.send("in");
            assertThat(unix.readToEnd()).isEqualTo("in");
            assertThat(backend.connections()).isLessThanOrEqualTo(3);
        }
    }
}
