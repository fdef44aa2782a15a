package io.berth.gateway.merge;

import io.berth.docker.DockerJson;
import io.berth.docker.error.SystemFailure;
import io.berth.dockerserver.filter.Filters;
import io.berth.gateway.node.CreateFacts;
import io.berth.gateway.node.Node;
import io.berth.gateway.node.NodeRouting;
import io.berth.gateway.node.Nodes;
import io.berth.gateway.route.Backend;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code GET /events} of all nodes as one stream in order of time. What has happened is gathered from all nodes and
 * sorted before it is written; what happens is held back for a moment, for another node's earlier event to come in. A node that is lost does not end the
 * stream: the client is told by an event of type {@code node}, as Swarm tells it, and what happened there meanwhile follows when it is back.
 * Thread-safe.
 */
public final class MergedEvents {
    private static final Duration HOLD = Duration.ofMillis(100);
    private static final long TICK_MILLIS = 50;
    private static final int LOOK_TICKS = 20;
    private static final long RETRY_MILLIS = 300;
    private static final int BACKLOG = 4096;
    private static final Comparator<Event> ORDER = Comparator.comparingLong(Event::nanos);

    private final Nodes nodes;

    public MergedEvents(Nodes nodes) {
        this.nodes = nodes;
    }

    /**
     * An event as it is written.
     *
     * @param nanos of its own time, since the epoch
     * @param arrived {@link System#nanoTime}
     */
    private record Event(long nanos, String line, long arrived) {}

    /** One client's stream. */
    private record Listening(
            MergeRequest request,
            NodeFilter filter,
            BlockingQueue<Event> queue,
            BlockingQueue<Merged> refusals,
            BlockingQueue<String> contentTypes,
            AtomicInteger running) {}

    /**
     * Streams until the client goes or {@code until} has come.
     *
     * @return the answer when the request is refused; empty when all was written to the sink
     */
    public Optional<Merged> run(MergeRequest request, Sink sink) throws IOException {
        NodeFilter filter = NodeFilter.of(request.target());
        List<Node> wanted = nodes.all().stream().filter(filter::wants).toList();
        String since = NodeRouting.parameter(request.target(), "since").orElse("");
        String until = NodeRouting.parameter(request.target(), "until").orElse("");
        Instant now = Instant.now();
        boolean past =
                !until.isEmpty() && !nanos(until).map(end -> end > nanos(now)).orElse(false);
        Listening listening = new Listening(
                request,
                filter,
                new ArrayBlockingQueue<>(BACKLOG),
                new ArrayBlockingQueue<>(wanted.size() * 2 + 1),
                new ArrayBlockingQueue<>(wanted.size() * 2 + 1),
                new AtomicInteger(wanted.size()));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            List<Event> history = new ArrayList<>();
            if (past || !since.isEmpty()) {
                gather(threads, listening, wanted, past ? filter.query() : query(filter, since, text(now)), history);
                Merged refusal = listening.refusals().poll();
                if (refusal != null) {
                    return Optional.of(refusal);
                }
            }
            if (past) {
                begin(listening, sink);
                write(history, sink);
                return Optional.empty();
            }
            String from = text(now.plusNanos(1));
            for (Node node : wanted) {
                Future<?> _ = threads.submit(() -> follow(listening, node, from, until));
            }
            begin(listening, sink);
            write(history, sink);
            return live(listening, wanted, sink);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SystemFailure("interrupted", e);
        } finally {
            threads.shutdownNow();
        }
    }

    // --- what has happened

    private static void gather(
            ExecutorService threads, Listening listening, List<Node> wanted, String query, List<Event> history)
            throws InterruptedException {
        List<Future<List<Event>>> parts = new ArrayList<>();
        for (Node node : wanted) {
            if (node.reachable()) {
                parts.add(threads.submit(() -> {
                    List<Event> events = new ArrayList<>();
                    long _ = stream(listening, node, query, events::add);
                    return events;
                }));
            }
        }
        for (Future<List<Event>> part : parts) {
            try {
                history.addAll(part.get(10, TimeUnit.SECONDS));
            } catch (ExecutionException | TimeoutException e) {
                part.cancel(true);
            }
        }
        history.sort(ORDER);
    }

    private static void write(List<Event> events, Sink sink) throws IOException {
        for (Event event : events) {
            sink.line(event.line());
        }
    }

    private static void begin(Listening listening, Sink sink) throws IOException, InterruptedException {
        // Every node answers with the same type, which depends on what the client accepts.
        String type = listening.contentTypes().poll(3, TimeUnit.SECONDS);
        sink.begin(200, type == null ? "application/json" : type);
    }

    // --- what happens

    private static void follow(Listening listening, Node node, String from, String until) {
        String since = from;
        Optional<Long> end = nanos(until);
        try {
            while (end.isEmpty() || nanos(Instant.now()) < end.get()) {
                if (node.reachable()) {
                    long last = stream(
                            listening,
                            node,
                            query(listening.filter(), since, until),
                            event -> listening.queue().put(event));
                    if (last > 0) {
                        since = text(Instant.EPOCH.plusNanos(last + 1));
                    }
                }
                Thread.sleep(RETRY_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            listening.running().decrementAndGet();
        }
    }

    private Optional<Merged> live(Listening listening, List<Node> wanted, Sink sink)
            throws IOException, InterruptedException {
        Map<String, Boolean> reachable = new HashMap<>();
        wanted.forEach(node -> reachable.put(node.name(), node.reachable()));
        PriorityQueue<Event> held = new PriorityQueue<>(ORDER);
        for (int tick = 0; ; tick++) {
            Event event = listening.queue().poll(TICK_MILLIS, TimeUnit.MILLISECONDS);
            if (event != null) {
                held.add(event);
                listening.queue().drainTo(held);
            }
            boolean over = listening.running().get() == 0 && listening.queue().isEmpty();
            for (Event first; (first = held.peek()) != null; held.remove()) {
                if (!over && System.nanoTime() - first.arrived() < HOLD.toNanos()) {
                    break;
                }
                sink.line(first.line());
            }
            if (over) {
                return Optional.empty();
            }
            if (tick % LOOK_TICKS == 0) {
                if (sink.gone()) {
                    return Optional.empty();
                }
                tellOfNodes(listening, wanted, reachable, sink);
            }
        }
    }

    private static void tellOfNodes(Listening listening, List<Node> wanted, Map<String, Boolean> reachable, Sink sink)
            throws IOException {
        for (Node node : wanted) {
            boolean now = node.reachable();
            Boolean before = reachable.put(node.name(), now);
            if (before == null || before != now) {
                if (wantsNodes(listening.filter().filters())) {
                    sink.line(nodeEvent(node, now));
                }
            }
        }
    }

    private static boolean wantsNodes(Filters filters) {
        return Set.of("type", "event").containsAll(filters.fields())
                && filters.is("type", "node")
                && filters.is("event", "update");
    }

    /** As a Swarm manager tells it (moby: manager/…/events, type node, action update). */
    private static String nodeEvent(Node node, boolean up) {
        Instant now = Instant.now();
        ObjectNode attributes = MergedJson.object()
                .put("name", node.name())
                .put("state.new", up ? "ready" : "down")
                .put("state.old", up ? "down" : "ready");
        node.obstacle(Backend.ENGINE).ifPresent(error -> attributes.put("cause", error.text()));
        ObjectNode event = MergedJson.object().put("Type", "node").put("Action", "update");
        event.putObject("Actor").put("ID", node.name()).set("Attributes", attributes);
        return event.put("scope", "local")
                .put("time", now.getEpochSecond())
                .put("timeNano", nanos(now))
                .toString();
    }

    // --- one node's stream

    private interface Taker {
        void take(Event event) throws InterruptedException;
    }

    /** Reads a node's events to the end of its stream; the time of the last one, or 0. */
    private static long stream(Listening listening, Node node, String query, Taker taker) {
        try {
            return node.client().stream(
                    "GET",
                    Backend.ENGINE,
                    listening.request().target().path() + (query.isEmpty() ? "" : '?' + query),
                    listening.request().headers(),
                    null,
                    (status, type, in) -> {
                        if (status != 200) {
                            boolean _ = listening
                                    .refusals()
                                    .offer(new Merged(
                                            status,
                                            type,
                                            new String(in.readAllBytes(), StandardCharsets.UTF_8),
                                            List.of()));
                            return 0L;
                        }
                        boolean _ = listening.contentTypes().offer(type == null ? "application/json" : type);
                        return lines(node, in, taker);
                    });
        } catch (RuntimeException e) {
            return 0;
        }
    }

    private static long lines(Node node, InputStream in, Taker taker) {
        long last = 0;
        try {
            BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (String line; (line = reader.readLine()) != null; ) {
                // A sequence's lines begin with a record separator (RFC 7464).
                Event event = event(node, line.startsWith("\u001e") ? line.substring(1) : line);
                if (event != null) {
                    last = event.nanos();
                    taker.take(event);
                }
            }
        } catch (IOException e) {
            // The node is lost; what came before counts.
            return last;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return last;
    }

    private static @Nullable Event event(Node node, String line) {
        try {
            JsonNode event = DockerJson.MAPPER.readTree(line);
            if (event.path("Actor") instanceof ObjectNode actor) {
                ObjectNode attributes =
                        actor.get("Attributes") instanceof ObjectNode there ? there : actor.putObject("Attributes");
                attributes.put(CreateFacts.NODE_LABEL, node.name());
            }
            return new Event(event.path("timeNano").asLong(0), event.toString(), System.nanoTime());
        } catch (JacksonException e) {
            return null;
        }
    }

    // --- times

    private static String query(NodeFilter filter, String since, String until) {
        List<String> pairs = new ArrayList<>();
        if (!since.isEmpty()) {
            pairs.add("since=" + URLEncoder.encode(since, StandardCharsets.UTF_8));
        }
        if (!until.isEmpty()) {
            pairs.add("until=" + URLEncoder.encode(until, StandardCharsets.UTF_8));
        }
        if (!filter.filters().fields().isEmpty()) {
            pairs.add("filters=" + URLEncoder.encode(filter.filters().json(), StandardCharsets.UTF_8));
        }
        return String.join("&", pairs);
    }

    /** Seconds and nanoseconds, the one form that every client sends. */
    private static String text(Instant time) {
        return "%d.%09d".formatted(time.getEpochSecond(), time.getNano());
    }

    private static long nanos(Instant time) {
        return time.getEpochSecond() * 1_000_000_000L + time.getNano();
    }

    /** A time in seconds as nanoseconds; empty when it is written otherwise. */
    private static Optional<Long> nanos(String seconds) {
        try {
            return Optional.of(new BigDecimal(seconds).movePointRight(9).longValue());
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
