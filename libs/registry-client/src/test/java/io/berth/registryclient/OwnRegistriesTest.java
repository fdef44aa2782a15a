package io.berth.registryclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.berth.oci.MediaType;
import io.berth.outgoing.Destinations;
import io.berth.testregistry.TestRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A registry of the platform's own whose name leads somewhere else from here, as in a container. */
class OwnRegistriesTest {
    private static final String NAME = "localhost:1";
    private static final String OTHER = "localhost:2";

    private final TestRegistry registry = new TestRegistry();
    private final RegistryClients clients = new RegistryClients(
            List.of(),
            Mirrors.NONE,
            null,
            new TransferLimits(
                    1, Duration.ofMillis(5), Duration.ofMillis(5), Duration.ofSeconds(5), Duration.ofSeconds(1)),
            who -> who == null ? Destinations.ANY : Destinations.publicAnd(List.of()),
            new OwnRegistries() {
                @Override
                public Optional<BearerToken> token(String domain, List<String> scopes, @Nullable String onBehalfOf) {
                    return domain.equals(NAME)
                            ? Optional.of(
                                    new BearerToken("platform", Instant.now().plusSeconds(60), null))
                            : Optional.empty();
                }

                @Override
                public Set<String> hosts() {
                    return Set.of(NAME, registry.domain());
                }

                @Override
                public Optional<String> address(String domain) {
                    return domain.equals(NAME) ? Optional.of(registry.domain()) : Optional.empty();
                }
            });

    @AfterEach
    void stop() {
        clients.close();
        registry.close();
    }

    @Test
    void isReachedAtItsAddressWithTheTokenForItsName() throws IOException {
        registry.addManifest(
                "team/app", "latest", MediaType.OCI_MANIFEST, "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8));
        registry.fault(this::refuseStrangers);
        assertThat(clients.open(NAME, RegistryCredentials.ANONYMOUS).tags("team/app"))
                .containsExactly("latest");
    }

    private boolean refuseStrangers(HttpExchange exchange) throws IOException {
        if ("Bearer platform".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return false;
        }
        exchange.getResponseHeaders()
                .set("WWW-Authenticate", "Bearer realm=\"http://" + registry.domain() + "/token\",service=\"test\"");
        exchange.sendResponseHeaders(401, -1);
        exchange.close();
        return true;
    }

    /** Though it is at this machine, as nothing else is that they could reach. */
    @Test
    void isReachedByWhoMayReachPublicAddressesOnly() throws IOException {
        registry.addManifest(
                "team/app", "latest", MediaType.OCI_MANIFEST, "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8));
        registry.fault(this::refuseStrangers);
        RegistryCredentials developers = RegistryCredentials.ANONYMOUS.onBehalfOf("a developer");
        assertThat(clients.open(NAME, developers).tags("team/app")).containsExactly("latest");
        try (TestRegistry another = new TestRegistry()) {
            assertThatThrownBy(() -> clients.open(another.domain(), developers).tags("team/app"))
                    .hasMessageContaining("refusing to connect to 127.0.0.1");
            assertThat(another.requests()).isEmpty();
        }
    }

    @Test
    void othersAreReachedByTheirNames() {
        assertThatThrownBy(
                        () -> clients.open(OTHER, RegistryCredentials.ANONYMOUS).tags("team/app"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(OTHER);
        assertThat(registry.requests()).isEmpty();
    }
}
