package io.berth.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.Unavailable;
import io.berth.gateway.node.Placement.Candidate;
import io.berth.gateway.node.Placement.Tie;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementTest {
    private static final Reservation NOTHING = new Reservation(0, 0);

    private static Candidate node(String name, int containers) {
        return node(name, containers, Long.MAX_VALUE, false);
    }

    private static Candidate node(String name, int containers, long freeMemory, boolean hasImage) {
        return new Candidate(
                name, Map.of("node", name, "zone", "zone-" + name), containers, freeMemory, Long.MAX_VALUE, hasImage);
    }

    private static String choose(
            List<Candidate> candidates,
            List<String> constraints,
            List<Tie> ties,
            Reservation wanted,
            Strategy strategy) {
        return Placement.choose(
                        candidates, constraints.stream().map(Constraint::parse).toList(), ties, wanted, strategy)
                .name();
    }

    @ParameterizedTest
    @CsvSource({"SPREAD, 3, 1, 2, b", "SPREAD, 1, 1, 1, a", "PACK, 1, 3, 2, b", "PACK, 2, 2, 2, a"})
    void strategiesChooseByCount(Strategy strategy, int a, int b, int c, String chosen) {
        List<Candidate> candidates = List.of(node("a", a), node("b", b), node("c", c));
        assertThat(choose(candidates, List.of(), List.of(), NOTHING, strategy)).isEqualTo(chosen);
    }

    @ParameterizedTest
    @CsvSource({
        "node==b, b",
        "node!=a, b",
        "zone==zone-c, c",
        "zone==*-c, c",
        "zone!=*b, a",
        "missing!=x, a",
        "'zone == zone-b', b"
    })
    void constraintsNarrow(String constraint, String chosen) {
        List<Candidate> candidates = List.of(node("a", 0), node("b", 1), node("c", 2));
        assertThat(choose(candidates, List.of(constraint), List.of(), NOTHING, Strategy.SPREAD))
                .isEqualTo(chosen);
    }

    @Test
    void aConstraintThatNoNodeSatisfiesIsAConflict() {
        assertThatThrownBy(() ->
                        choose(List.of(node("a", 0)), List.of("storage==ssd"), List.of(), NOTHING, Strategy.SPREAD))
                .isInstanceOf(Conflict.class)
                .hasMessage("no active node satisfies the constraint storage==ssd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "node", "node=b", "==b", "node==", "a b==c", "node==a b"})
    void malformedConstraintsAreRefused(String text) {
        assertThatThrownBy(() -> Constraint.parse(text)).isInstanceOf(InvalidParameter.class);
    }

    @Test
    void tiesComeBeforeTheStrategy() {
        List<Candidate> candidates = List.of(node("a", 0), node("b", 9));
        Tie volume = new Tie("volume data", List.of("b"));
        assertThat(choose(candidates, List.of(), List.of(volume), NOTHING, Strategy.SPREAD))
                .isEqualTo("b");
        assertThatThrownBy(() -> choose(candidates, List.of("node==a"), List.of(volume), NOTHING, Strategy.SPREAD))
                .isInstanceOf(Conflict.class)
                .hasMessageContaining("volume data is on b");
    }

    @Test
    void capacityIsKept() {
        List<Candidate> candidates = List.of(node("a", 0, 100, false), node("b", 5, 1000, false));
        assertThat(choose(candidates, List.of(), List.of(), new Reservation(500, 0), Strategy.SPREAD))
                .isEqualTo("b");
        assertThatThrownBy(() -> choose(candidates, List.of(), List.of(), new Reservation(5000, 0), Strategy.SPREAD))
                .isInstanceOf(Unavailable.class);
    }

    @Test
    void aNodeWithTheImageIsPreferredAndNotRequired() {
        List<Candidate> candidates = List.of(node("a", 0, Long.MAX_VALUE, false), node("b", 5, Long.MAX_VALUE, true));
        assertThat(choose(candidates, List.of(), List.of(), NOTHING, Strategy.SPREAD))
                .isEqualTo("b");
        assertThat(choose(candidates, List.of("node==a"), List.of(), NOTHING, Strategy.SPREAD))
                .isEqualTo("a");
    }

    @Test
    void withoutNodesNothingCanBePlaced() {
        assertThatThrownBy(() -> choose(List.of(), List.of(), List.of(), NOTHING, Strategy.SPREAD))
                .isInstanceOf(Unavailable.class);
    }
}
