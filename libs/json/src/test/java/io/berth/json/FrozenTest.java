package io.berth.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class FrozenTest {
    /** Each pair of letters has the same hash code as the other one: so have all these names. */
    private static String colliding(int number) {
        return IntStream.range(0, 17)
                .mapToObj(bit -> (number >> bit & 1) == 0 ? "Aa" : "BB")
                .collect(Collectors.joining());
    }

    @Test
    @Timeout(20)
    void namesOfOneHashCodeTakeNoTime() {
        List<String> names =
                IntStream.range(0, 100_000).mapToObj(FrozenTest::colliding).toList();
        assertThat(names.stream().map(String::hashCode).distinct()).hasSize(1);
        Map<String, String> map = new HashMap<>();
        names.forEach(name -> map.put(name, ""));
        assertThat(Frozen.map(map)).hasSize(100_000).containsKey(names.getLast());
        assertThat(Frozen.set(names)).hasSize(100_000).contains(names.getLast());
    }

    @Test
    void nothingIsNullAndNothingChanges() {
        Map<String, String> nothing = new HashMap<>();
        nothing.put("a", null);
        assertThatThrownBy(() -> Frozen.map(nothing)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> Frozen.set(Arrays.asList("a", null))).isInstanceOf(NullPointerException.class);
        Map<String, String> from = new HashMap<>(Map.of("a", "b"));
        Map<String, String> copy = Frozen.map(from);
        from.put("c", "d");
        assertThat(copy).isEqualTo(Map.of("a", "b"));
        assertThatThrownBy(copy::clear).isInstanceOf(UnsupportedOperationException.class);
    }
}
