package io.berth.gateway.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.fixture.FakeNode;
import io.berth.gateway.fixture.Wire;
import io.berth.gateway.node.NodeSpec;
import io.berth.gateway.node.Nodes;
import io.berth.gateway.route.RequestTarget;
import io.berth.unixhttp.PlatformKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One stream of two nodes' streams. */
@Timeout(60)
class MergedStreamsTest {
    @TempDir
    Path directory;

    private Nodes nodes;
    private FakeNode first;
    private FakeNode second;
    private volatile Function<Wire.Message, String> firstAnswer = _ -> "";
    private volatile Function<Wire.Message, String> secondAnswer = _ -> "";

    @BeforeEach
    void start() throws IOException, InterruptedException {
        Path key = Files.writeString(directory.resolve("key"), "k".repeat(40));
        first = new FakeNode(
                directory.resolve("e1"), directory.resolve("i1"), List.of(), request -> firstAnswer.apply(request));
        second = new FakeNode(
                directory.resolve("e2"), directory.resolve("i2"), List.of(), request -> secondAnswer.apply(request));
        nodes = new Nodes(
                new NodeSpec("local", directory.resolve("e1"), directory.resolve("i1"), null, Map.of(), 0, 0),
                List.of(),
                directory.resolve("nodes.json"),
                PlatformKey.read(key),
                Duration.ofSeconds(2));
        second.add(nodes, "n2", key);
        while (nodes.reachable().size() < 2
                || nodes.all().stream().anyMatch(node -> node.capacity().cpus() == 0)) {
            Thread.sleep(20);
        }
    }

    @AfterEach
    void stop() {
        nodes.close();
        first.close();
        second.close();
    }

    /** Collects what a client would get, and goes after some lines. */
    private static class Collected implements Sink {
        private final List<String> lines = new CopyOnWriteArrayList<>();
        private final int enough;
        private @Nullable String type;

        Collected(int enough) {
            this.enough = enough;
        }

        @Override
        public void begin(int status, String contentType) {
            assertThat(status).isEqualTo(200);
            type = contentType;
        }

        @Override
        public void line(String text) {
            lines.add(text);
        }

        @Override
        public boolean gone() {
            return lines.size() >= enough;
        }
    }

    private static String answer(int status, String type, String body) {
        return "HTTP/1.1 " + status + " X\r\nContent-Type: " + type + "\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body;
    }

    private static String event(long nanos) {
        return "{\"Type\":\"container\",\"Action\":\"start\",\"Actor\":{\"ID\":\"x\",\"Attributes\":{}},\"timeNano\":"
                + nanos + "}";
    }

    private static MergeRequest request(String method, String target) {
        return new MergeRequest(method, RequestTarget.parse(target), Map.of("Accept", List.of("*/*")), null);
    }

    private static List<String> times(Collected sink) {
        return sink.lines.stream()
                .map(line -> line.replaceAll(".*io.berth.node\":\"(.*)\"}}.*timeNano\":(\\d+)}", "$1 $2"))
                .toList();
    }

    // --- events

    @Test
    void thePastIsInOrderOfTime() throws IOException {
        firstAnswer = _ -> answer(200, "application/json", event(10) + "\n" + event(30) + "\n");
        secondAnswer = _ -> answer(200, "application/json", event(20) + "\n" + event(40) + "\n");
        Collected sink = new Collected(99);
        assertThat(new MergedEvents(nodes).run(request("GET", "/v1.43/events?since=1&until=2"), sink))
                .isEmpty();
        assertThat(times(sink)).containsExactly("local 10", "n2 20", "local 30", "n2 40");
        assertThat(sink.type).isEqualTo("application/json");
        assertThat(first.requests().getFirst().start()).isEqualTo("GET /v1.43/events?since=1&until=2 HTTP/1.1");
    }

    @Test
    void oneNodesEventsAreThoseOfThatNode() throws IOException {
        firstAnswer = _ -> answer(200, "application/json", event(10) + "\n");
        secondAnswer = _ -> answer(200, "application/json-seq", "\u001e" + event(20) + "\n");
        Collected sink = new Collected(99);
        var _ = new MergedEvents(nodes)
                .run(request("GET", "/events?until=2&filters=%7B%22node%22%3A%5B%22n2%22%5D%7D"), sink);
        assertThat(times(sink)).containsExactly("n2 20");
        assertThat(sink.type).isEqualTo("application/json-seq");
        assertThat(second.requests().getFirst().start()).isEqualTo("GET /events?until=2 HTTP/1.1");
    }

    @Test
    void aRefusalIsAnsweredAsItIs() throws IOException {
        firstAnswer = _ -> answer(400, "application/json", "{\"message\":\"no\"}");
        secondAnswer = firstAnswer;
        Optional<Merged> answer =
                new MergedEvents(nodes).run(request("GET", "/events?since=3&until=2"), new Collected(1));
        assertThat(answer.orElseThrow().status()).isEqualTo(400);
        assertThat(answer.orElseThrow().body()).isEqualTo("{\"message\":\"no\"}");
    }

    @Test
    void whatHappensLaterFollowsWithoutGapsAlsoWhenAStreamBreaks() throws IOException {
        long now = System.currentTimeMillis() * 1_000_000 + 60_000_000_000L;
        firstAnswer =
                request -> request.start().contains("since=") ? answer(200, "application/json", event(now) + "\n") : "";
        secondAnswer = _ -> answer(200, "application/json", event(now + 5) + "\n");
        Collected sink = new Collected(4);
        assertThat(new MergedEvents(nodes).run(request("GET", "/events"), sink)).isEmpty();
        assertThat(times(sink)).startsWith("local " + now, "n2 " + (now + 5));
        // The stream broke, and was asked for again from behind the last event.
        String since = "since=%d.%09d ".formatted((now + 1) / 1_000_000_000, (now + 1) % 1_000_000_000);
        assertThat(first.requests()).anyMatch(one -> one.start().contains(since));
    }

    // --- images to all nodes

    private static final String PROGRESS =
            "{\"status\":\"Pulling\",\"id\":\"layer\"}\n{\"status\":\"Status: Downloaded\"}\n";

    @Test
    void aPullIsOfAllNodes() throws IOException {
        firstAnswer = _ -> answer(200, "application/json", PROGRESS);
        secondAnswer = firstAnswer;
        Collected sink = new Collected(99);
        assertThat(new Broadcast(nodes).run(request("POST", "/images/create?fromImage=a"), null, sink))
                .isEmpty();
        assertThat(sink.lines)
                .containsExactlyInAnyOrder(
                        "{\"status\":\"Pulling\",\"id\":\"layer\"}",
                        "{\"status\":\"Status: Downloaded\"}",
                        "{\"status\":\"Pulling\",\"id\":\"n2: layer\"}",
                        "{\"status\":\"n2: Status: Downloaded\"}");
    }

    @Test
    void oneNodeThatFailsIsTold() throws IOException {
        firstAnswer = _ -> answer(200, "application/json", PROGRESS);
        secondAnswer = _ -> answer(404, "application/json", "{\"message\":\"manifest unknown\"}");
        Collected sink = new Collected(99);
        assertThat(new Broadcast(nodes).run(request("POST", "/images/create?fromImage=a"), null, sink))
                .isEmpty();
        assertThat(sink.lines).last().isEqualTo("{\"status\":\"n2: failed: manifest unknown\"}");
    }

    @Test
    void aNodeThatDoesNotAnswerIsTold() throws IOException, InterruptedException {
        firstAnswer = _ -> answer(200, "application/json", PROGRESS);
        second.close();
        while (nodes.silent().isEmpty()) {
            Thread.sleep(20);
        }
        Collected sink = new Collected(99);
        assertThat(new Broadcast(nodes).run(request("POST", "/images/create?fromImage=a"), null, sink))
                .isEmpty();
        assertThat(sink.lines).last().isEqualTo("{\"status\":\"n2: left out: it does not answer\"}");
    }

    @Test
    void whenAllFailTheRequestDoes() throws IOException {
        firstAnswer = _ -> answer(404, "application/json", "{\"message\":\"manifest unknown\"}");
        secondAnswer = firstAnswer;
        Optional<Merged> refused =
                new Broadcast(nodes).run(request("POST", "/images/create?fromImage=a"), null, new Collected(9));
        assertThat(refused.orElseThrow().status()).isEqualTo(404);
        assertThat(refused.orElseThrow().body()).isEqualTo("{\"message\":\"manifest unknown\"}");
        firstAnswer = _ -> answer(200, "application/json", "{\"errorDetail\":{},\"error\":\"broken\"}\n");
        secondAnswer = firstAnswer;
        Collected sink = new Collected(99);
        assertThat(new Broadcast(nodes).run(request("POST", "/images/create?fromImage=a"), null, sink))
                .isEmpty();
        assertThat(sink.lines).containsExactly("{\"errorDetail\":{},\"error\":\"broken\"}");
    }

    @Test
    void whatIsLoadedReachesEveryNode() throws IOException {
        firstAnswer = _ -> answer(200, "application/json", "{\"stream\":\"Loaded\"}\n");
        secondAnswer = firstAnswer;
        String archive = "0123456789".repeat(100_000);
        Collected sink = new Collected(99);
        var _ = new Broadcast(nodes)
                .run(
                        request("POST", "/images/load"),
                        new ByteArrayInputStream(archive.getBytes(StandardCharsets.US_ASCII)),
                        sink);
        assertThat(sink.lines).containsExactlyInAnyOrder("{\"stream\":\"Loaded\"}", "{\"stream\":\"n2: Loaded\"}");
        for (FakeNode node : List.of(first, second)) {
            assertThat(node.requests())
                    .singleElement()
                    .matches(one -> one.body().equals(archive));
        }
    }

    @Test
    void aClientThatSendsForLongHasNotGone() throws IOException {
        firstAnswer = _ -> answer(200, "application/json", "{\"stream\":\"Loaded\"}\n");
        secondAnswer = firstAnswer;
        AtomicBoolean sent = new AtomicBoolean();
        InputStream slow = new ByteArrayInputStream(new byte[10]) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                if (available() == 0) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2_500));
                    sent.set(true);
                }
                return super.read(target, offset, length);
            }
        };
        Collected sink = new Collected(99) {
            @Override
            public boolean gone() {
                // What is on its way looks like the end of the connection.
                return !sent.get();
            }
        };
        assertThat(new Broadcast(nodes).run(request("POST", "/images/load"), slow, sink))
                .isEmpty();
        assertThat(sink.lines).hasSize(2);
    }
}
