package io.berth.image.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.image.SearchResult;
import io.berth.dockerserver.filter.Filters;
import io.berth.registryclient.Mirrors;
import io.berth.registryclient.RegistryClients;
import io.berth.registryclient.RegistryCredentials;
import io.berth.registryclient.TransferLimits;
import io.berth.testregistry.TestRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ImageSearchTest {
    private final TestRegistry registry = new TestRegistry();
    private final RegistryClients clients = new RegistryClients(
            List.of(),
            Mirrors.NONE,
            null,
            new TransferLimits(
                    1, Duration.ofMillis(5), Duration.ofMillis(50), Duration.ofSeconds(5), Duration.ofSeconds(2)));

    @AfterEach
    void stop() {
        clients.close();
        registry.close();
    }

    private void answer(String path, String body) {
        registry.fault(exchange -> {
            if (!exchange.getRequestURI().getPath().equals(path)) {
                return false;
            }
            TestRegistry.send(exchange, 200, "application/json", body.getBytes(StandardCharsets.UTF_8));
            return true;
        });
    }

    private List<SearchResult> search(String term, int limit, Map<String, List<String>> filters) {
        return new ImageSearch(clients, registry.domain())
                .search(term, limit, Filters.of(filters), RegistryCredentials.ANONYMOUS);
    }

    @Test
    void asksARegistryThatHasASearch() {
        answer(
                "/v1/search",
                "{\"results\":[{\"name\":\"busybox\",\"description\":\"small\",\"star_count\":9,\"is_official\":true},"
                        + "{\"name\":\"me/busybox\",\"star_count\":1}]}");
        assertThat(search("busybox", 0, Map.of()))
                .containsExactly(
                        new SearchResult(9, true, "busybox", false, "small"),
                        new SearchResult(1, false, "me/busybox", false, ""));
        assertThat(registry.requests().getLast().uri()).hasToString("/v1/search?q=busybox&n=25");
        assertThat(search("busybox", 5, Map.of("stars", List.of("3")))).hasSize(1);
        assertThat(search("busybox", 5, Map.of("is-official", List.of("false"))))
                .extracting(SearchResult::name)
                .containsExactly("me/busybox");
        assertThat(search("busybox", 1, Map.of())).hasSize(1);
        assertThat(search("busybox", 5, Map.of("is-automated", List.of("true"))))
                .isEmpty();
    }

    @Test
    void readsTheCatalogueOfOthers() {
        answer("/v2/_catalog", "{\"repositories\":[\"team/app\",\"team/other\",\"app\"]}");
        assertThat(search(registry.domain() + "/app", 0, Map.of()))
                .extracting(SearchResult::name)
                .containsExactly(registry.domain() + "/team/app", registry.domain() + "/app");
    }

    @Test
    void readsTheCatalogueWhereTheSearchIsSomethingElse() {
        answer("/v2/_catalog", "{\"repositories\":[\"app\"]}");
        registry.fault(exchange -> {
            boolean search = exchange.getRequestURI().getPath().equals("/v1/search");
            if (search) {
                exchange.sendResponseHeaders(400, -1);
            }
            return search;
        });
        assertThat(search("app", 0, Map.of())).hasSize(1);
    }

    @Test
    void refusesInDockersWords() {
        assertThatThrownBy(() -> search("x", 101, Map.of()))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("limit 101 is outside the range of [1, 100]");
        assertThatThrownBy(() -> search("https://x/y", 0, Map.of())).isInstanceOf(InvalidParameter.class);
        assertThatThrownBy(() -> search("x", 0, Map.of("stars", List.of("many"))))
                .hasMessage("invalid filter 'stars=[many]'");
    }
}
