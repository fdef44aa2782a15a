package io.berth.gateway.merge;

import io.berth.docker.DockerJson;
import io.berth.docker.error.SystemFailure;
import io.berth.docker.error.Unavailable;
import io.berth.gateway.node.Node;
import io.berth.gateway.node.NodeClient;
import io.berth.gateway.node.Nodes;
import io.berth.gateway.route.Backend;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Brings an image to all active nodes: pulls it on each, or loads what the client sends into each. The progress of all becomes one
 * stream: the first node's as it is, the others' with their names before the layers. One node that fails or does not answer is told of in a
 * line; only when all fail does the request. Thread-safe.
 */
public final class Broadcast {
    private static final int PIECE = 64 * 1024;
    private static final int PIECES = 16;
    private static final int LINES = 1024;
    private static final long LOOK_MILLIS = 2_000;

    private final Nodes nodes;

    public Broadcast(Nodes nodes) {
        this.nodes = nodes;
    }

    /** Something that one node's stream brought. */
    private sealed interface Arrival {
        record Head(int node, int status, String contentType) implements Arrival {}

        record Line(int node, String text) implements Arrival {}

        /** The end, with the answer's body when its status was an error. */
        record End(int node, int status, String error) implements Arrival {}
    }

    /**
     * Sends a request to all active nodes.
     *
     * @param body what each of them gets, or null for nothing
     * @return the answer when none has begun to stream: the first one's refusal; empty when all was written to the sink
     */
    public Optional<Merged> run(MergeRequest request, @Nullable InputStream body, Sink sink) throws IOException {
        List<Node> active = nodes.active();
        if (active.isEmpty()) {
            throw new Unavailable("no node is active");
        }
        List<Node> silent = nodes.silent();
        BlockingQueue<Arrival> arrivals = new ArrayBlockingQueue<>(LINES);
        List<BlockingQueue<byte[]>> bodies = new ArrayList<>();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            List<Future<?>> streams = new ArrayList<>();
            for (int i = 0; i < active.size(); i++) {
                int number = i;
                BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(PIECES);
                bodies.add(pieces);
                streams.add(threads.submit(
                        () -> stream(request, active.get(number), number, body == null ? null : pieces, arrivals)));
            }
            Future<?> feeding = body == null
                    ? CompletableFuture.completedFuture(null)
                    : threads.submit(() -> feed(body, bodies, streams));
            try {
                return new Joining(active, silent, sink).run(arrivals, feeding);
            } finally {
                // Nobody else may touch the request while its body is read, also when no node wants the rest of it.
                var _ = feeding.get();
            }
        } catch (ExecutionException e) {
            throw new SystemFailure("cannot hand on what the client sends", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SystemFailure("interrupted", e);
        } finally {
            threads.shutdownNow();
        }
    }

    private static void stream(
            MergeRequest request,
            Node node,
            int number,
            @Nullable BlockingQueue<byte[]> pieces,
            BlockingQueue<Arrival> arrivals) {
        Arrival end;
        try {
            NodeClient.Body body = pieces == null
                    ? null
                    : out -> {
                        for (byte[] piece = taken(pieces); piece.length > 0; piece = taken(pieces)) {
                            out.write(piece);
                        }
                    };
            end = node.client().stream(
                    request.method(),
                    Backend.IMAGE,
                    request.text(),
                    request.headers(),
                    body,
                    (status, type, in) -> lines(number, status, type, in, arrivals));
        } catch (RuntimeException e) {
            end = new Arrival.End(number, 503, String.valueOf(e.getMessage()));
        }
        put(arrivals, end);
    }

    private static Arrival lines(
            int number, int status, @Nullable String type, InputStream in, BlockingQueue<Arrival> arrivals)
            throws IOException {
        if (status != 200) {
            return new Arrival.End(number, status, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        put(arrivals, new Arrival.Head(number, status, type == null ? "application/json" : type));
        BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        for (String line; (line = reader.readLine()) != null; ) {
            if (!line.isBlank()) {
                put(arrivals, new Arrival.Line(number, line));
            }
        }
        return new Arrival.End(number, status, "");
    }

    /** Gives every node each piece; the slowest sets the pace, and one that has ended is left out. */
    private static void feed(InputStream body, List<BlockingQueue<byte[]>> bodies, List<Future<?>> streams) {
        try {
            byte[] buffer = new byte[PIECE];
            for (int length; (length = body.read(buffer)) >= 0; ) {
                if (length > 0) {
                    give(Arrays.copyOf(buffer, length), bodies, streams);
                }
            }
            give(new byte[0], bodies, streams);
        } catch (IOException e) {
            // The client has gone, which the response's writer notices; nodes must not take the part for the whole.
            streams.forEach(stream -> stream.cancel(true));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void give(byte[] piece, List<BlockingQueue<byte[]>> bodies, List<Future<?>> streams)
            throws InterruptedException {
        for (int i = 0; i < bodies.size(); i++) {
            boolean taken = false;
            // A slow one is waited for while it still takes anything.
            while (!taken && !streams.get(i).isDone()) {
                taken = bodies.get(i).offer(piece, 100, TimeUnit.MILLISECONDS);
            }
        }
    }

    private static byte[] taken(BlockingQueue<byte[]> pieces) throws IOException {
        try {
            return pieces.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the client has gone", e);
        }
    }

    private static void put(BlockingQueue<Arrival> arrivals, Arrival arrival) {
        try {
            arrivals.put(arrival);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes one stream of all; one thread's. */
    private static final class Joining {
        private final List<Node> active;
        private final List<Node> silent;
        private final Sink sink;
        private final @Nullable String[] failures;
        private Optional<Merged> refusal = Optional.empty();
        private boolean begun;
        private int succeeded;

        Joining(List<Node> active, List<Node> silent, Sink sink) {
            this.active = active;
            this.silent = silent;
            this.sink = sink;
            this.failures = new String[active.size()];
        }

        Optional<Merged> run(BlockingQueue<Arrival> arrivals, Future<?> feeding)
                throws InterruptedException, IOException {
            int running = active.size();
            while (running > 0) {
                switch (arrivals.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                    case null -> {
                        // A client whose body is not read to its end cannot be told from one that has gone.
                        if (feeding.isDone() && sink.gone()) {
                            return Optional.empty();
                        }
                    }
                    case Arrival.Head head -> begin(head.status(), head.contentType());
                    case Arrival.Line(int node, String text) -> line(node, text);
                    case Arrival.End end -> {
                        running--;
                        ended(end);
                    }
                }
            }
            if (!begun) {
                return refusal;
            }
            tellFailures();
            return Optional.empty();
        }

        private void begin(int status, String type) throws IOException {
            if (!begun) {
                begun = true;
                sink.begin(status, type);
            }
        }

        private void ended(Arrival.End end) {
            if (end.status() == 200) {
                succeeded += failures[end.node()] == null ? 1 : 0;
                return;
            }
            String error = end.error();
            if (refusal.isEmpty()) {
                refusal = Optional.of(new Merged(
                        end.status(),
                        "application/json",
                        error.startsWith("{")
                                ? error
                                : MergedJson.object().put("message", error).toString(),
                        List.of()));
            }
            failures[end.node()] = MergedJson.object()
                    .put("error", error.startsWith("{") ? message(error) : error)
                    .toString();
        }

        private static String message(String body) {
            try {
                return DockerJson.MAPPER.readTree(body).path("message").asString(body);
            } catch (JacksonException e) {
                return body;
            }
        }

        private void line(int node, String text) throws IOException {
            JsonNode line;
            try {
                line = DockerJson.MAPPER.readTree(text);
            } catch (JacksonException e) {
                sink.line(text);
                return;
            }
            if (line.has("error")) {
                failures[node] = text;
            } else if (node == 0 || !(line instanceof ObjectNode shown)) {
                sink.line(text);
            } else {
                String name = active.get(node).name() + ": ";
                String field = shown.has("id") ? "id" : shown.has("status") ? "status" : "stream";
                if (shown.has(field)) {
                    shown.put(field, name + shown.path(field).asString(""));
                }
                sink.line(shown.toString());
            }
        }

        private void tellFailures() throws IOException {
            for (int i = 0; i < failures.length; i++) {
                String failure = failures[i];
                if (failure == null) {
                    continue;
                }
                if (succeeded == 0) {
                    // A stream has one error, which ends it.
                    sink.line(failure);
                    return;
                }
                String reason =
                        DockerJson.MAPPER.readTree(failure).path("error").asString(failure);
                tell(active.get(i), "failed: " + reason);
            }
            for (Node node : silent) {
                tell(node, "left out: it does not answer");
            }
        }

        private void tell(Node node, String what) throws IOException {
            sink.line(
                    MergedJson.object().put("status", node.name() + ": " + what).toString());
        }
    }
}
