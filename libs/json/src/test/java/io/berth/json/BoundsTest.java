package io.berth.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Documents that are made to take memory: refused where they pass the bounds, or within what was reckoned for them. */
class BoundsTest {
    private static final int FOUR_MEBIBYTES = 4 << 20;
    private static final JsonMapper REQUESTS = Bounds.REQUEST.mapper().build();

    record Attack(String what, String document) {
        @Override
        public String toString() {
            return what;
        }
    }

    static List<Attack> attacks() {
        String number = "9".repeat(101);
        return List.of(
                new Attack("a million empty objects", "[" + "{},".repeat(1_400_000) + "{}]"),
                new Attack("a million empty lists", "{\"a\":[" + "[],".repeat(1_000_000) + "[]]}"),
                new Attack("a million zeros", "[" + "0,".repeat(1_400_000) + "0]"),
                new Attack("200,000 names", names(200_000)),
                new Attack("deep lists", "[".repeat(33) + "]".repeat(33)),
                new Attack("very deep lists", "[".repeat(2_000_000)),
                new Attack("deep objects", "{\"a\":".repeat(33) + "0" + "}".repeat(33)),
                new Attack("a huge number", "{\"a\":" + number + "}"),
                new Attack("a huge fraction", "{\"a\":0." + number + "}"),
                new Attack("a huge exponent", "{\"a\":1e" + number + "}"),
                new Attack("a negative huge number", "[-" + "1".repeat(1_000_000) + "]"),
                new Attack("a long name", "{\"" + "n".repeat(65_537) + "\":0}"),
                new Attack("a long name of escapes", "{\"" + "\\u0041".repeat(65_537) + "\":0}"),
                new Attack("a long text", "[\"" + "t".repeat((2 << 20) + 1) + "\"]"),
                new Attack("a text of two-byte characters", "[\"" + "ä".repeat((2 << 20) + 1) + "\"]"));
    }

    private static String names(int count) {
        return IntStream.range(0, count).mapToObj(i -> "\"" + i + "\":0").collect(Collectors.joining(",", "{", "}"));
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void isRefusedInPlainWords(Attack attack) {
        byte[] bytes = attack.document.getBytes(StandardCharsets.UTF_8);
        for (JacksonException refused : List.of(
                catchThrowableOfType(JacksonException.class, () -> REQUESTS.readTree(bytes)),
                catchThrowableOfType(JacksonException.class, () -> REQUESTS.readTree(new ByteArrayInputStream(bytes))),
                catchThrowableOfType(JacksonException.class, () -> REQUESTS.readTree(attack.document)),
                catchThrowableOfType(JacksonException.class, () -> REQUESTS.readValue(bytes, Object.class)),
                catchThrowableOfType(JacksonException.class, () -> REQUESTS.readValue(bytes, Ignoring.class)))) {
            assertThat(refused).isNotNull();
            assertThat(Bounds.reason(refused)).doesNotContain("Stream", "Read", "jackson", "`", "java");
        }
    }

    /** A record that passes over everything; what is skipped is counted, too. */
    record Ignoring(String nothing) {}

    /** What each takes to be refused is bounded, whatever it is. */
    @ParameterizedTest
    @MethodSource("attacks")
    void takesNoMoreThanWasReckoned(Attack attack) {
        byte[] bytes = attack.document.getBytes(StandardCharsets.UTF_8);
        refused(bytes); // classes are loaded
        assertThat(allocated(() -> refused(bytes))).isLessThan(Bounds.REQUEST.memory(bytes.length) + (1 << 20));
    }

    private static void refused(byte[] bytes) {
        assertThatThrownBy(() -> REQUESTS.readTree(bytes)).isInstanceOf(JacksonException.class);
    }

    static List<Attack> worstWithinBounds() {
        List<Attack> worst = new ArrayList<>();
        worst.add(new Attack("empty objects", "[" + "{},".repeat(99_990) + "{}]"));
        worst.add(new Attack("empty lists", "[" + "[],".repeat(99_990) + "[]]"));
        worst.add(new Attack("objects of one", "[" + "{\"a\":0},".repeat(49_990) + "{}]"));
        worst.add(new Attack("nested objects", "[" + "{\"a\":{\"a\":{}}},".repeat(24_990) + "{}]"));
        worst.add(new Attack("names", names(99_990)));
        worst.add(new Attack("short texts", "[" + "\"ä\",".repeat(199_990) + "0]"));
        worst.add(new Attack("large numbers", "[" + "12345678901234567890,".repeat(190_000) + "0]"));
        worst.add(new Attack("fractions", "[" + "1.5e300,".repeat(199_990) + "0]"));
        worst.add(new Attack("two long texts", "[\"" + "t".repeat(2 << 20) + "\",\"" + "t".repeat(2_000_000) + "\"]"));
        return worst;
    }

    @ParameterizedTest
    @MethodSource("worstWithinBounds")
    void theWorstThatIsTakenFitsWhatIsReckonedForIt(Attack document) {
        byte[] bytes = document.document.getBytes(StandardCharsets.UTF_8);
        assertThat(bytes.length).isLessThan(FOUR_MEBIBYTES);
        REQUESTS.readTree(bytes);
        long before = used();
        JsonNode tree = REQUESTS.readTree(bytes);
        long kept = used() - before;
        assertThat(tree.isContainer()).isTrue();
        assertThat(kept).isLessThan(Bounds.REQUEST.memory(bytes.length));
    }

    /** Documents at random, of the kinds of parts that are expensive: refused, or within what was reckoned. */
    @Test
    void documentsAtRandomFit() {
        Random random = new Random(15);
        for (int i = 0; i < 60; i++) {
            StringBuilder text = new StringBuilder();
            int size = 1 << random.nextInt(8, 19);
            while (text.length() < size) {
                part(random, text.append(text.isEmpty() ? "[" : ","), 0);
            }
            byte[] bytes = text.append("]").toString().getBytes(StandardCharsets.UTF_8);
            long[] allocated = {0};
            JacksonException refused = catchThrowableOfType(
                    JacksonException.class, () -> allocated[0] = allocated(() -> REQUESTS.readTree(bytes)));
            assertThat(refused == null ? "" : Bounds.reason(refused)).doesNotContain("`", "jackson");
            assertThat(allocated[0])
                    .as("%s", text.substring(0, 100))
                    .isLessThan(2 * Bounds.REQUEST.memory(bytes.length) + (1 << 20));
        }
    }

    private static void part(Random random, StringBuilder text, int depth) {
        switch (random.nextInt(depth > 34 ? 5 : 8)) {
            case 0 -> text.append("{}");
            case 1 -> text.append("[]");
            case 2 ->
                text.append('"').append("\\u00e4".repeat(random.nextInt(20))).append('"');
            case 3 -> text.append("1".repeat(random.nextInt(1, 60)));
            case 4 -> text.append(random.nextBoolean() ? "null" : "-0.1e9");
            case 5 -> {
                text.append("[");
                part(random, text, depth + 1);
                text.append("]");
            }
            default -> {
                text.append("{\"").append(random.nextInt(1000)).append("\":");
                part(random, text, depth + 1);
                text.append("}");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatRealProgramsSendIsTaken(Bounds bounds) {
        JsonMapper mapper = bounds.mapper().build();
        String ports = IntStream.range(10_000, 26_000)
                .mapToObj(port -> "\"" + port + "/udp\":[{\"HostIp\":\"\",\"HostPort\":\"" + port + "\"}]")
                .collect(Collectors.joining(",", "{\"HostConfig\":{\"PortBindings\":{", "}}}"));
        String layer = "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"size\":1,\"digest\":\"sha256:"
                + "a".repeat(64) + "\"}";
        String layers = String.join(",", Collections.nCopies(10_000, layer));
        String secret = "{\"Data\":\"" + "QUJD".repeat(340_000) + "\"}";
        for (String document : List.of(ports, "{\"layers\":[" + layers + "]}", secret)) {
            assertThat(mapper.readTree(document).size()).isPositive();
        }
        assertThat(mapper.readTree("[123456789012345678901234567890.5e-10]").size())
                .isEqualTo(1);
    }

    @Test
    void aValueOfTheWrongKindIsNamedByItsPlace() {
        record Inner(List<Integer> numbers) {}
        record Outer(Inner inner) {}
        JacksonException refused = catchThrowableOfType(
                JacksonException.class, () -> REQUESTS.readValue("{\"inner\":{\"numbers\":[1,{}]}}", Outer.class));
        assertThat(Bounds.reason(refused)).isEqualTo("a value of the wrong kind at inner.numbers[1]");
        JacksonException broken = catchThrowableOfType(JacksonException.class, () -> REQUESTS.readTree("{\"a\":[1,2"));
        assertThat(Bounds.reason(broken)).doesNotContain("Source", "`");
    }

    private static long allocated(Runnable action) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        action.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private static long used() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
