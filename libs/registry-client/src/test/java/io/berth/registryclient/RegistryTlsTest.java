package io.berth.registryclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.testregistry.TestRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Registries with TLS. The address 0.0.0.0 leads to this machine and is no loopback address, so nothing is forgiven there. */
class RegistryTlsTest {
    private static final String REPOSITORY = "team/app";
    private static final byte[] CONTENT = "content".getBytes(java.nio.charset.StandardCharsets.UTF_8);

    @TempDir
    Path directory;

    private final AtomicReference<String> shown = new AtomicReference<>("");
    private RegistryClients clients = clients(List.of());

    @AfterEach
    void stop() {
        clients.close();
    }

    private RegistryClients clients(List<String> insecure) {
        return new RegistryClients(
                insecure,
                Mirrors.NONE,
                directory == null ? Path.of("/nonexistent") : directory,
                new TransferLimits(
                        2, Duration.ofMillis(5), Duration.ofMillis(50), Duration.ofSeconds(5), Duration.ofSeconds(2)));
    }

    private static Path file(String name) {
        try {
            return Path.of(Objects.requireNonNull(RegistryTlsTest.class.getResource("tls/" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private TestRegistry registry(boolean needsClientCertificate) throws IOException, GeneralSecurityException {
        Path own = Files.createDirectories(directory.resolve("server"));
        Files.copy(file("server.crt"), own.resolve("server.cert"));
        Files.copy(file("server.key"), own.resolve("server.key"));
        Files.copy(file("ca.crt"), own.resolve("ca.crt"));
        SSLContext context = HostCertificates.context(own);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters ssl = context.getDefaultSSLParameters();
                ssl.setNeedClientAuth(needsClientCertificate);
                ssl.setWantClientAuth(true);
                if (needsClientCertificate) {
                    ssl.setNeedClientAuth(true);
                }
                parameters.setSSLParameters(ssl);
            }
        });
        TestRegistry registry = new TestRegistry(server);
        registry.fault(exchange -> {
            try {
                shown.set(((HttpsExchange) exchange)
                        .getSSLSession()
                        .getPeerPrincipal()
                        .getName());
            } catch (SSLPeerUnverifiedException e) {
                shown.set("");
            }
            return false;
        });
        return registry;
    }

    /** As {@code 0.0.0.0:port}. */
    private static String domain(TestRegistry registry) {
        return registry.domain().replace("127.0.0.1", "0.0.0.0");
    }

    private Path certificatesOf(String host, String... files) throws IOException {
        Path of = Files.createDirectories(directory.resolve(host));
        for (String name : files) {
            Files.copy(file(name), of.resolve(name));
        }
        return of;
    }

    private byte[] pull(String domain, Digest digest) throws IOException {
        RegistryClient client = clients.open(domain, RegistryCredentials.ANONYMOUS);
        try (InputStream in = client.blob(REPOSITORY, Descriptor.of(MediaType.OCI_LAYER, digest, CONTENT.length))) {
            return in.readAllBytes();
        }
    }

    @Test
    void refusesACertificateOfAnUnknownAuthority() throws Exception {
        try (TestRegistry registry = registry(false)) {
            Digest digest = registry.addBlob(REPOSITORY, CONTENT);
            assertThatThrownBy(() -> pull(domain(registry), digest))
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining("tls: failed to verify certificate");
            assertThat(registry.requests()).isEmpty();
        }
    }

    @Test
    void trustsTheAuthoritiesOfTheHostsDirectory() throws Exception {
        try (TestRegistry registry = registry(false)) {
            Digest digest = registry.addBlob(REPOSITORY, CONTENT);
            clients.close();
            clients = clients(List.of());
            certificatesOf(domain(registry), "ca.crt");
            assertThat(pull(domain(registry), digest)).isEqualTo(CONTENT);
            assertThat(shown.get()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "rsa"})
    void showsTheClientCertificate(String name) throws Exception {
        try (TestRegistry registry = registry(true)) {
            Digest digest = registry.addBlob(REPOSITORY, CONTENT);
            clients.close();
            clients = clients(List.of());
            certificatesOf(domain(registry), "ca.crt", name + ".cert", name + ".key");
            assertThat(pull(domain(registry), digest)).isEqualTo(CONTENT);
            assertThat(shown.get()).isEqualTo("CN=" + name);
        }
    }

    @Test
    void showsTheClientCertificateToNoOtherHost() throws Exception {
        try (TestRegistry registry = registry(true)) {
            Digest digest = registry.addBlob(REPOSITORY, CONTENT);
            Files.move(directory.resolve("server"), directory.resolve("server-of-registry"));
            try (TestRegistry elsewhere = registry(false)) {
                elsewhere.addBlob(REPOSITORY, CONTENT);
                clients.close();
                clients = clients(List.of());
                certificatesOf(domain(registry), "ca.crt", "client.cert", "client.key");
                certificatesOf(domain(elsewhere), "ca.crt");
                registry.fault(exchange -> {
                    if (!exchange.getRequestURI().getPath().contains("/blobs/")) {
                        return false;
                    }
                    exchange.getResponseHeaders()
                            .set("Location", "https://" + domain(elsewhere) + exchange.getRequestURI());
                    exchange.sendResponseHeaders(307, -1);
                    return true;
                });
                assertThat(pull(domain(registry), digest)).isEqualTo(CONTENT);
                assertThat(elsewhere.count("GET", "/blobs/")).isEqualTo(1);
                assertThat(shown.get()).as("shown to the other host").isEmpty();
            }
        }
    }

    @Test
    void saysWhatIsMissingInDockersWords() throws Exception {
        clients.close();
        clients = clients(List.of());
        certificatesOf("0.0.0.0:1", "client.cert");
        certificatesOf("0.0.0.0:2", "client.key");
        Digest digest = Digest.sha256(CONTENT);
        assertThatThrownBy(() -> pull("0.0.0.0:1", digest))
                .hasMessage("missing key client.key for client certificate client.cert. CA certificates must use the"
                        + " extension .crt");
        assertThatThrownBy(() -> pull("0.0.0.0:2", digest))
                .hasMessage("missing client certificate client.cert for key client.key");
    }

    @Test
    void takesAnyCertificateOfAnInsecureRegistryOnly() throws Exception {
        try (TestRegistry registry = registry(false)) {
            Digest digest = registry.addBlob(REPOSITORY, CONTENT);
            clients.close();
            clients = clients(List.of("0.0.0.0"));
            assertThat(pull(domain(registry), digest)).isEqualTo(CONTENT);
            assertThat(pull(registry.domain(), digest)).as("loopback").isEqualTo(CONTENT);
        }
    }
}
