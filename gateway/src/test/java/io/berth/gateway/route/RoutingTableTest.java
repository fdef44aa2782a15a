package io.berth.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.NotFound;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutingTableTest {
    private final RoutingTable table = new RoutingTable();

    @ParameterizedTest
    @CsvSource({
        "GET, /_ping, ENGINE, false, NONE",
        "HEAD, /v1.43/_ping, ENGINE, false, NONE",
        "GET, /version, PLATFORM, false, NONE",
        "POST, /version, ENGINE, false, NONE",
        "GET, /version/x, ENGINE, false, NONE",
        "GET, /info, ENGINE, false, NONE",
        "GET, /events, ENGINE, true, NONE",
        "GET, /system/df, ENGINE, true, NONE",
        "POST, /commit, ENGINE, true, NONE",
        "GET, /containers/json, ENGINE, false, NONE",
        "POST, /containers/create, ENGINE, false, NONE",
        "POST, /containers/prune, ENGINE, true, NONE",
        "POST, /containers/x/start, ENGINE, false, NONE",
        "POST, /containers/x/wait, ENGINE, true, NONE",
        "GET, /containers/x/logs, ENGINE, true, NONE",
        "GET, /containers/x/stats, ENGINE, true, NONE",
        "PUT, /containers/x/archive, ENGINE, true, NONE",
        "DELETE, /containers/x, ENGINE, true, NONE",
        "POST, /v1.24/containers/x/attach, ENGINE, true, UPGRADE_OR_RAW",
        "GET, /containers/x/attach/ws, ENGINE, true, UPGRADE",
        "POST, /containers/x/exec, ENGINE, false, NONE",
        "POST, /exec/x/start, ENGINE, true, UPGRADE_OR_RAW",
        "GET, /exec/x/json, ENGINE, false, NONE",
        "GET, /networks, ENGINE, false, NONE",
        "POST, /volumes/create, ENGINE, false, NONE",
        "GET, /plugins, ENGINE, false, NONE",
        "POST, /v1.45/swarm/leave, ENGINE, false, NONE",
        "GET, /services/x/logs, ENGINE, false, NONE",
        "GET, /secrets, ENGINE, false, NONE",
        "POST, /v1.45/secrets/create, ENGINE, false, NONE",
        "DELETE, /configs/nginx, ENGINE, false, NONE",
        "GET, /berth/held, ENGINE, false, NONE",
        "GET, /berth/exec/x/ws, ENGINE, true, UPGRADE",
        "GET, /images/json, IMAGE, false, NONE",
        "POST, /images/create, IMAGE, true, NONE",
        "POST, /images/localhost:5000/a/b/push, IMAGE, true, NONE",
        "GET, /images/a/create/json, IMAGE, false, NONE",
        "GET, /images/a/get, IMAGE, true, NONE",
        "POST, /build, IMAGE, true, NONE",
        "POST, /build/prune, IMAGE, true, NONE",
        "POST, /grpc, IMAGE, true, UPGRADE",
        "POST, /v1.45/session, IMAGE, true, UPGRADE",
        "GET, /distribution/a/b/json, IMAGE, true, NONE",
        "POST, /auth, IMAGE, true, NONE",
        "GET, /v2/, REGISTRY, false, NONE",
        "GET, /v2/a/b/manifests/latest, REGISTRY, false, NONE",
        "PUT, /v2/a/blobs/uploads/1, REGISTRY, true, NONE",
        "GET, /berth/registry/accounts, REGISTRY, false, NONE",
        "POST, /berth/registry/accounts, REGISTRY, true, NONE",
        "GET, /v1/search?q=a, REGISTRY, false, NONE",
        "GET, /berth/registry/repositories, REGISTRY, false, NONE",
        "GET, /, PLATFORM, false, NONE",
        "GET, /dashboard, PLATFORM, false, NONE",
        "GET, /ui, PLATFORM, false, NONE",
        "GET, /ui/containers/x, PLATFORM, false, NONE",
        "GET, /health, PLATFORM, false, NONE",
        "GET, /metrics, PLATFORM, false, NONE",
        "GET, /actuator/health, PLATFORM, false, NONE",
        "GET, /api/platform, PLATFORM, false, NONE"
    })
    void findsTheBackend(String method, String path, Backend backend, boolean longRunning, StreamKind streams) {
        ErrorShape errors = backend == Backend.REGISTRY ? ErrorShape.REGISTRY : ErrorShape.DOCKER;
        Route route = table.route(method, RequestTarget.parse(path));
        assertThat(route).isEqualTo(new Route(route.name(), backend, errors, longRunning, streams));
        assertThat(RoutingTable.names()).contains(route.name());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nowhere",
                "/containersx/json",
                "/v1.43",
                "/v1.43/",
                "/v1.43/dashboard",
                "/v1.43/health",
                "/v1.43/actuator/env",
                "/berth",
                "/v1.43/berth/held",
                "/v1.43/berth/registry/accounts",
                "/berth/other",
                "/berth/exec/x",
                "/berth/exec/x/start",
                "/v1.43/berth/exec/x/ws",
                "/v1.43/ui",
                "/api",
                "/api/other",
                "/swarms",
                "/CONTAINERS/json"
            })
    void knowsNothingElse(String path) {
        assertThatThrownBy(() -> table.route("GET", RequestTarget.parse(path)))
                .isInstanceOf(NotFound.class)
                .hasMessage("page not found");
    }
}
