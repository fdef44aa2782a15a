package io.berth.image.build.buildkit;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.buildkit.BuildRequest;
import io.berth.buildkit.CacheOption;
import io.berth.buildkit.ExportRequest;
import io.berth.docker.error.Forbidden;
import io.berth.image.caller.Caller;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a build by BuildKit's protocol is an operator's. */
class BuildPermissionTest {
    private static final String IDENTITY =
            "name=alice;role=developer;projects=shop,web;source=CERTIFICATE;credential=0";
    private static final Caller ALICE = Caller.of(IDENTITY, "other");

    private static void check(Caller caller, Map<String, String> options) {
        BuildPermission.check(caller, new BuildRequest("r", options, List.of(), List.of(), Set.of()), List.of());
    }

    private static void export(ExportRequest.Type type, Map<String, String> attributes) {
        ExportRequest export = new ExportRequest(0, type, attributes);
        BuildPermission.check(ALICE, new BuildRequest("r", Map.of(), List.of(), List.of(), Set.of()), List.of(export));
    }

    private static void cache(String type, String ref) {
        CacheOption to = new CacheOption(type, Map.of("ref", ref));
        BuildPermission.check(ALICE, new BuildRequest("r", Map.of(), List.of(), List.of(to), Set.of()), List.of());
    }

    @ParameterizedTest
    @CsvSource({
        "target, web",
        "build-arg:VERSION, 1",
        "label:team, shop",
        "label:io.berth.project, shop",
        "context:base, docker-image://debian",
        "platform, 'linux/amd64,linux/arm64'",
        "add-hosts, a=192.0.2.1",
        "force-network-mode, none",
        "force-network-mode, default",
        "shm-size, 1048576",
        "ulimit, nofile=10:10",
        "attest:provenance, mode=max",
        "no-cache, ''"
    })
    void whatStaysInTheBuildIsAllowed(String name, String value) {
        assertThatCode(() -> check(ALICE, Map.of(name, value))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "force-network-mode, host",
        "force-network-mode, container:abc",
        "force-network-mode, front",
        "cgroup-parent, /x",
        "label:io.berth.project, other",
        "label:berth.order, 1",
        "label:io.berth.on-unhealthy, restart",
        "local-sessionid:context, s1",
        "invented-next-year, 1"
    })
    void whatReachesFurtherIsTheOperators(String name, String value) {
        assertThatThrownBy(() -> check(ALICE, Map.of(name, value))).isInstanceOf(Forbidden.class);
        assertThatCode(() -> check(Caller.OPERATOR, Map.of(name, value))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"security.insecure", "network.host", "device", "invented"})
    void nothingIsGrantedToABuild(String entitlement) {
        BuildRequest request = new BuildRequest("r", Map.of(), List.of(), List.of(), Set.of(entitlement));
        assertThatThrownBy(() -> BuildPermission.check(ALICE, request, List.of()))
                .isInstanceOf(Forbidden.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "debian",
                "kit:1",
                "other/kit",
                "localhost:2375/other/kit",
                "docker.io/other/kit",
                "shop/kit,other/kit",
                "shop/kit,",
                ",shop/kit",
                "shop/kit, other/kit",
                "shop/kit,debian",
                "shop/../other/kit",
                "SHOP/kit",
                "library/kit"
            })
    void namesOfOthersAreNotGiven(String names) {
        for (ExportRequest.Type type : ExportRequest.Type.values()) {
            assertThatThrownBy(() -> export(type, Map.of("name", names))).isInstanceOf(Forbidden.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shop/kit", "web/kit:1", "localhost:2375/shop/kit,shop/kit:2", ""})
    void theirOwnAre(String names) {
        assertThatCode(() -> export(ExportRequest.Type.IMAGE, Map.of("name", names, "push", "true")))
                .doesNotThrowAnyException();
    }

    @Test
    void cachesGoToTheirOwnRepositories() {
        assertThatThrownBy(() -> cache("registry", "localhost:2375/other/cache"))
                .isInstanceOf(Forbidden.class);
        assertThatThrownBy(() -> cache("registry", "")).isInstanceOf(Forbidden.class);
        assertThatThrownBy(() -> cache("s3", "x")).isInstanceOf(Forbidden.class);
        assertThatCode(() -> cache("registry", "localhost:2375/shop/cache")).doesNotThrowAnyException();
        assertThatCode(() -> cache("inline", "")).doesNotThrowAnyException();
    }

    @Test
    void viewersDoNotBuild() {
        Caller viewer = Caller.of(IDENTITY.replace("developer", "viewer"), "");
        assertThatThrownBy(() -> check(viewer, Map.of())).isInstanceOf(Forbidden.class);
    }
}
