package io.berth.gateway.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.docker.system.VersionResponse;
import io.berth.docker.system.VersionResponse.Component;
import io.berth.gateway.fixture.FakeBackend;
import io.berth.gateway.fixture.FakeNode;
import io.berth.gateway.fixture.Gateway;
import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Wire;
import io.berth.gateway.route.Backend;
import io.berth.unixhttp.PlatformKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakWatch.class)
@Timeout(60)
class MergedVersionTest {
    private static final Duration PROMPT = Duration.ofSeconds(5);

    @TempDir
    Path directory;

    private Gateway gateway;
    private MergedVersion version;

    @BeforeEach
    void start() {
        gateway = Gateway.in(directory);
        version = new MergedVersion(
                gateway.nodes(),
                gateway.transport(),
                PlatformKey.read(directory.resolve("platform.key")),
                gateway.socketOf(Backend.REGISTRY));
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private static String service(String version) {
        return FakeBackend.ok("{\"service\":{\"name\":\"x\",\"version\":\"" + version
                + "\",\"details\":{\"GitCommit\":\"1a2b3c4\"}}}");
    }

    private static String engine(String own) {
        return FakeBackend.ok("{\"Version\":\"29.0.0+berth." + own
                + "\",\"ApiVersion\":\"1.55\",\"MinAPIVersion\":\"1.24\",\"Os\":\"linux\",\"Arch\":\"riscv64\","
                + "\"Components\":[{\"Name\":\"Engine\",\"Version\":\"" + own
                + "\",\"Details\":{\"ApiVersion\":\"1.55\"}}]}");
    }

    /** Answers what a service is asked, and nothing to those without the platform's credential. */
    private static FakeBackend answering(Path socket, String path, String answer) {
        return FakeBackend.answering(
                socket,
                request -> request.start().equals("GET " + path + " HTTP/1.1")
                                && request.header(PlatformKey.HEADER).equals(Gateway.KEY)
                        ? answer
                        : "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    }

    private static List<String> names(VersionResponse version) {
        return version.components().stream().map(Component::name).toList();
    }

    @Test
    void allServicesAreToldOf() {
        try (FakeBackend _ = answering(gateway.socketOf(Backend.ENGINE), "/version", engine("0.9.1"));
                FakeBackend _ = answering(gateway.socketOf(Backend.IMAGE), "/actuator/info", service("0.9.2"));
                FakeBackend _ = answering(gateway.socketOf(Backend.REGISTRY), "/actuator/info", service("0.9.3"))) {
            VersionResponse all = version.now();
            assertThat(all.version()).isEqualTo("29.0.0+berth.0.9.1");
            assertThat(all.arch()).isEqualTo("riscv64");
            assertThat(names(all)).containsExactly("Engine", "image-service", "registry", "gateway");
            assertThat(all.components())
                    .extracting(Component::version)
                    .startsWith("0.9.1", "0.9.2", "0.9.3")
                    .doesNotContainNull();
            assertThat(all.components().get(2).details()).containsEntry("GitCommit", "1a2b3c4");
            assertThat(all.components().getLast().details())
                    .containsEntry("ApiVersion", "1.55")
                    .containsKey("JavaVersion");
        }
    }

    @Test
    void whoIsAwayOrHangsOrTalksNonsenseIsLeftOut() {
        try (FakeBackend _ = new FakeBackend(gateway.socketOf(Backend.ENGINE), Wire::readMessage);
                FakeBackend _ =
                        answering(gateway.socketOf(Backend.IMAGE), "/actuator/info", FakeBackend.ok("<html>"))) {
            long start = System.nanoTime();
            VersionResponse rest = version.now();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PROMPT);
            assertThat(names(rest)).containsExactly("gateway");
            // Clients compare these before they ask for anything else.
            assertThat(rest.version()).startsWith("29.0.0+berth.");
            assertThat(rest.apiVersion()).isEqualTo("1.55");
            assertThat(rest.minApiVersion()).isEqualTo("1.24");
            assertThat(rest.os()).isEqualTo("linux");
            assertThat(rest.kernelVersion()).isNotEmpty();
        }
    }

    @Test
    void everyNodesServicesAreToldOf() throws InterruptedException {
        try (FakeNode _ = node("", "0.9.1");
                FakeNode n2 = node("n2-", "0.8.0")) {
            n2.add(gateway.nodes(), "n2", directory.resolve("platform.key"));
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (gateway.nodes().reachable().size() < 2 && System.nanoTime() < deadline) {
                Thread.sleep(20);
            }
            VersionResponse all = version.now();
            assertThat(names(all))
                    .containsExactly("Engine", "Engine (n2)", "image-service", "image-service (n2)", "gateway");
            assertThat(all.version()).isEqualTo("29.0.0+berth.0.9.1");
        }
    }

    private FakeNode node(String prefix, String own) {
        return new FakeNode(
                directory.resolve(prefix + "engine.sock"),
                directory.resolve(prefix + "image.sock"),
                List.of(),
                request -> request.start().contains("/version") ? engine(own) : service(own));
    }
}
