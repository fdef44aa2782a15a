package io.berth.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.unixhttp.PlatformKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which nodes there are, and that they stay. */
@Timeout(60)
class NodesTest {
    @TempDir
    Path directory;

    private Path file;
    private PlatformKey key;

    @BeforeEach
    void prepare() throws Exception {
        file = directory.resolve("data/nodes.json");
        key = PlatformKey.read(Files.writeString(directory.resolve("key"), "k".repeat(40)));
    }

    private Nodes open() {
        return new Nodes(spec("local", null), List.of(), file, key, Duration.ofMillis(200));
    }

    private NodeSpec spec(String name, @Nullable Path keyFile) {
        return new NodeSpec(
                name,
                directory.resolve(name + "-e.sock"),
                directory.resolve(name + "-i.sock"),
                keyFile,
                Map.of("zone", "z"),
                1.5,
                1000);
    }

    @Test
    void whatWasRegisteredIsThereAfterARestart() {
        try (Nodes nodes = open()) {
            assertThat(nodes.several()).isFalse();
            nodes.add(spec("n2", null), Availability.ACTIVE);
            nodes.add(spec("n3", null), Availability.ACTIVE);
            nodes.become("n3", Availability.DRAIN);
            nodes.become("local", Availability.DRAIN);
        }
        try (Nodes nodes = open()) {
            assertThat(nodes.all()).extracting(Node::name).containsExactly("local", "n2", "n3");
            assertThat(nodes.named("n2").spec()).isEqualTo(spec("n2", null));
            assertThat(nodes.all())
                    .extracting(Node::availability)
                    .containsExactly(Availability.DRAIN, Availability.ACTIVE, Availability.DRAIN);
            nodes.remove("n2");
            nodes.remove("n3");
            assertThat(nodes.several()).isFalse();
        }
        try (Nodes nodes = open()) {
            assertThat(nodes.all()).extracting(Node::name).containsExactly("local");
        }
    }

    @Test
    void namesAndSocketsAreUsedOnce() {
        try (Nodes nodes = open()) {
            nodes.add(spec("n2", null), Availability.ACTIVE);
            assertThatThrownBy(() -> nodes.add(spec("n2", null), Availability.ACTIVE))
                    .isInstanceOf(Conflict.class);
            NodeSpec same = new NodeSpec(
                    "n3", directory.resolve("n2-e.sock"), directory.resolve("x.sock"), null, Map.of(), 0, 0);
            assertThatThrownBy(() -> nodes.add(same, Availability.ACTIVE)).isInstanceOf(Conflict.class);
            assertThatThrownBy(() -> nodes.remove("local")).isInstanceOf(Conflict.class);
            assertThatThrownBy(() -> nodes.remove("n4")).isInstanceOf(NotFound.class);
        }
    }

    @Test
    void aNodeWithoutItsKeyIsLeftOutAndKeepsNobodyFromServing() throws Exception {
        Path own = Files.writeString(directory.resolve("n2.key"), "o".repeat(40));
        try (Nodes nodes = open()) {
            nodes.add(spec("n2", own), Availability.ACTIVE);
            assertThatThrownBy(() -> nodes.add(spec("n3", directory.resolve("none")), Availability.ACTIVE))
                    .isInstanceOf(InvalidParameter.class);
        }
        Files.delete(own);
        try (Nodes nodes = open()) {
            assertThat(nodes.all()).extracting(Node::name).containsExactly("local");
        }
    }

    @Test
    void oneThatWasNeverThereIsLostAtOnce() {
        try (Nodes nodes = open()) {
            nodes.add(spec("n2", null), Availability.ACTIVE);
            nodes.awaitFirstLook(Duration.ofSeconds(10));
            assertThat(nodes.named("n2").reachable()).isFalse();
            assertThat(nodes.active()).isEmpty();
        }
    }

    @Test
    void namesAndPathsAreChecked() {
        for (String name : List.of("", "-a", "a b", "a/b", "x".repeat(64))) {
            assertThatThrownBy(() -> spec(name, null)).isInstanceOf(InvalidParameter.class);
        }
        assertThatThrownBy(() -> new NodeSpec("n", Path.of("rel"), Path.of("/i"), null, Map.of(), 0, 0))
                .isInstanceOf(InvalidParameter.class);
        assertThatThrownBy(() -> new NodeSpec("n", Path.of("/e"), Path.of("/i"), null, Map.of(), -1, 0))
                .isInstanceOf(InvalidParameter.class);
    }
}
