package io.berth.gateway.listener;

import static io.berth.gateway.fixture.FakeBackend.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.gateway.certificate.CertificateFiles;
import io.berth.gateway.fixture.FakeBackend;
import io.berth.gateway.fixture.Gateway;
import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.TlsClient;
import io.berth.gateway.resilience.RateLimits;
import io.berth.gateway.route.Backend;
import io.berth.gateway.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakWatch.class)
@Timeout(60)
class TlsTest {
    @TempDir
    Path directory;

    private Path certificates;

    @SuppressWarnings("NullAway.Init") // each test starts it with settings of its own
    private Gateway gateway;

    @BeforeEach
    void start() {
        certificates = directory.resolve("certificates");
        CertificateFiles.write(certificates, List.of("localhost", "127.0.0.1"), List.of("anna", "ben"));
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    private void startGateway(boolean clientCertificates) {
        gateway = new Gateway(
                directory,
                Transport.open(2),
                Duration.ofSeconds(20),
                Gateway.lenient(),
                RateLimits.none(),
                new TlsSettings(
                        "127.0.0.1",
                        0,
                        certificates.resolve("server-cert.pem"),
                        certificates.resolve("server-key.pem"),
                        clientCertificates ? certificates.resolve("ca.pem") : null,
                        Duration.ofMillis(50)));
    }

    private FakeBackend echo() {
        return FakeBackend.answering(gateway.socketOf(Backend.ENGINE), request -> ok(request.head()));
    }

    private TlsClient client(String... protocols) {
        return TlsClient.connect(gateway.tlsAddress(), certificates.resolve("ca.pem"), null, protocols);
    }

    private TlsClient clientOf(Path own) {
        return TlsClient.connect(gateway.tlsAddress(), certificates.resolve("ca.pem"), own);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void requestsPassEncrypted(String protocol) throws Exception {
        startGateway(false);
        try (FakeBackend _ = echo();
                TlsClient client = client(protocol)) {
            assertThat(client.session().getProtocol()).isEqualTo(protocol);
            assertThat(client.applicationProtocol()).isEqualTo("http/1.1");
            for (int i = 0; i < 3; i++) {
                client.wire().sendLines("GET /containers/json HTTP/1.1\nHost: localhost\n\n");
                assertThat(client.wire().readMessage().body()).contains("X-Forwarded-Proto: https");
            }
            client.wire()
                    .sendLines("GET /containers/json HTTP/1.1\nHost: a.localhost\nOrigin: https://a.localhost\n\n");
            assertThat(client.wire().readMessage().status()).isEqualTo(200);
            client.wire().sendLines("GET /containers/json HTTP/1.1\nHost: a.localhost\nOrigin: http://a.localhost\n\n");
            assertThat(client.wire().readMessage().status()).isEqualTo(403);
        }
    }

    @Test
    void oldProtocolsAndPlainTextAreRefused() {
        startGateway(false);
        System.setProperty("jdk.tls.client.protocols", "");
        assertThatThrownBy(() -> client("TLSv1.1").close())
                .isInstanceOfAny(UncheckedIOException.class, IllegalArgumentException.class);
        try (io.berth.gateway.fixture.Wire plain = io.berth.gateway.fixture.Wire.tcp(gateway.tlsAddress())) {
            plain.sendLines("GET /_ping HTTP/1.1\nHost: localhost\n\n");
            assertThat(plain.readToEnd()).doesNotContain("HTTP/1.1 2");
        }
    }

    @Test
    void muchPassesInBothDirectionsAndEachCanEndAlone() {
        startGateway(false);
        byte[] block = new byte[1 << 20];
        try (FakeBackend _ = new FakeBackend(gateway.socketOf(Backend.ENGINE), wire -> {
                    wire.readHead();
                    wire.send("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
                    for (int i = 0; i < 8; i++) {
                        wire.send(block);
                    }
                    wire.send("input: " + wire.readToEnd());
                });
                TlsClient client = client("TLSv1.3")) {
            client.wire().sendLines("""
                            POST /containers/x/attach?stdin=1 HTTP/1.1
                            Host: localhost
                            Connection: Upgrade
                            Upgrade: tcp

                            """);
            assertThat(client.wire().readHead()).contains("101 UPGRADED");
            client.wire().send("typed");
            client.wire().endOutput();
            assertThat(client.wire().readExactly(8 << 20)).hasSize(8 << 20);
            assertThat(client.wire().readToEnd()).isEqualTo("input: typed");
        }
    }

    @Test
    void withoutACertificateOfTheAuthorityNobodyGetsIn() throws Exception {
        startGateway(true);
        try (FakeBackend backend = echo()) {
            try (TlsClient anna = clientOf(certificates.resolve("anna"))) {
                anna.wire().sendLines("GET /containers/json HTTP/1.1\nHost: localhost\n\n");
                assertThat(anna.wire().readMessage().status()).isEqualTo(200);
            }
            Path foreign = directory.resolve("foreign");
            CertificateFiles.write(foreign, List.of("localhost"), List.of("anna"));
            for (Path own : new Path[] {null, foreign.resolve("anna")}) {
                assertThatThrownBy(() -> {
                            try (TlsClient client = clientOf(own)) {
                                client.wire().sendLines("GET /containers/json HTTP/1.1\nHost: localhost\n\n");
                                client.wire().readMessage();
                            }
                        })
                        .isInstanceOf(UncheckedIOException.class);
            }
            assertThat(backend.connections()).isEqualTo(1);
        }
    }

    @Test
    void newCertificatesAreTakenOverAndOpenConnectionsGoOn() throws Exception {
        startGateway(false);
        try (FakeBackend _ = echo();
                TlsClient old = client()) {
            BigInteger before = old.serialNumber();
            Files.writeString(certificates.resolve("server-key.pem"), "half-written");
            Thread.sleep(200);
            try (TlsClient meanwhile = client()) {
                assertThat(meanwhile.serialNumber()).isEqualTo(before);
            }
            Path next = directory.resolve("next");
            CertificateFiles.write(next, List.of("localhost", "127.0.0.1"), List.of("anna"));
            for (String file : new String[] {"server-key.pem", "server-cert.pem", "ca.pem"}) {
                Files.write(certificates.resolve(file), Files.readAllBytes(next.resolve(file)));
            }
            BigInteger after = before;
            for (int i = 0; i < 100 && after.equals(before); i++) {
                Thread.sleep(50);
                try (TlsClient client = client()) {
                    after = client.serialNumber();
                } catch (UncheckedIOException notYet) {
                    after = before;
                }
            }
            assertThat(after).isNotEqualTo(before);
            old.wire().sendLines("GET /containers/json HTTP/1.1\nHost: localhost\n\n");
            assertThat(old.wire().readMessage().status()).isEqualTo(200);
        }
    }

    @Test
    void whatCannotBeUsedKeepsTheGatewayFromStarting() throws IOException {
        Files.writeString(certificates.resolve("server-key.pem"), "nonsense");
        assertThatThrownBy(() -> startGateway(false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("cannot use the TLS certificate");
    }
}
