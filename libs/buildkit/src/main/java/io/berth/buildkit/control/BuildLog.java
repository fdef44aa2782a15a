package io.berth.buildkit.control;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.berth.buildkit.BuildProgress;
import io.berth.buildkit.rpc.RpcErrors;
import io.berth.buildkit.wire.ControlProto;
import io.berth.buildkit.wire.ControlProto.StatusResponse;
import io.berth.buildkit.wire.ControlProto.VertexLog;
import io.berth.buildkit.wire.ControlProto.VertexStatus;
import io.berth.buildkit.wire.ControlProto.VertexWarning;
import io.berth.oci.Digest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a build has told of itself, for everybody who asks, now or later. Of steps and their parts the latest state is kept, of
 * output the last 16 MiB: a listener that is further behind than that misses some, and is told so.
 *
 * <p>Safe for several threads. Telling never waits for listeners.
 */
final class BuildLog implements BuildProgress {
    private static final long MAX_OUTPUT_BYTES = 16 << 20;
    private static final int OUTPUT_OVERHEAD_BYTES = 128;
    private static final int MAX_RESPONSE_BYTES = 1 << 20;
    private static final int MAX_WARNINGS = 1000;

    private final Clock clock;
    private final Map<Digest, Node> nodes = new LinkedHashMap<>();
    private final Deque<Numbered<VertexLog>> output = new ArrayDeque<>();
    private final List<Numbered<VertexWarning>> warnings = new ArrayList<>();
    private long outputBytes;
    private long dropped;
    private long last;
    private boolean finished;

    BuildLog(Clock clock) {
        this.clock = clock;
    }

    /** Something that was told, and when in the order of everything. */
    private record Numbered<T>(long number, T told) {}

    /**
     * News for a listener.
     *
     * @param responses ready to be sent
     * @param upTo what they reach to; what to ask on from
     * @param finished whether nothing will follow
     */
    record News(List<StatusResponse> responses, long upTo, boolean finished) {}

    /** How many steps there have been. */
    record Counts(int total, int cached, int completed, int warnings) {}

    @Override
    public synchronized Vertex vertex(Digest digest, String name, List<Digest> inputs) {
        return nodes.computeIfAbsent(digest, _ -> {
            Node node = new Node(digest);
            node.vertex.setDigest(digest.toString()).setName(name);
            inputs.forEach(input -> node.vertex.addInputs(input.toString()));
            node.changed = next();
            return node;
        });
    }

    private long next() {
        notifyAll();
        return ++last;
    }

    /** A client's own warning about a step. */
    synchronized void warn(VertexWarning warning) {
        if (warnings.size() < MAX_WARNINGS) {
            warnings.add(new Numbered<>(next(), warning));
        }
    }

    /** Nothing more will be told; steps that are still under way have been stopped. */
    synchronized void finish() {
        for (Node node : nodes.values()) {
            if (node.vertex.hasStarted() && !node.vertex.hasCompleted()) {
                node.failed(RpcErrors.CANCELED);
            }
        }
        finished = true;
        notifyAll();
    }

    /** Forgets output but for the last part of it. */
    synchronized void shrink(long maxOutputBytes) {
        while (outputBytes > maxOutputBytes) {
            drop();
        }
    }

    private void drop() {
        Numbered<VertexLog> oldest = output.removeFirst();
        outputBytes -= cost(oldest.told());
        dropped = oldest.number();
    }

    private static long cost(VertexLog log) {
        return log.getMsg().size() + (long) OUTPUT_OVERHEAD_BYTES;
    }

    synchronized Counts counts() {
        int cached = 0;
        int completed = 0;
        for (Node node : nodes.values()) {
            cached += node.vertex.getCached() ? 1 : 0;
            completed += node.vertex.hasCompleted() ? 1 : 0;
        }
        return new Counts(nodes.size(), cached, completed, warnings.size());
    }

    /**
     * What has been told since; waits a while for something.
     *
     * @param upTo as in the last news, 0 at first
     */
    synchronized News since(long upTo, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (last == upTo && !finished) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                break;
            }
            wait(Math.max(1, left / 1_000_000));
        }
        List<StatusResponse> responses = new ArrayList<>();
        StatusResponse.Builder steps = StatusResponse.newBuilder();
        for (Node node : nodes.values()) {
            if (node.changed > upTo) {
                steps.addVertexes(node.vertex);
            }
            if (node.partsChanged > upTo) {
                for (Numbered<VertexStatus> part : node.parts.values()) {
                    if (part.number() > upTo) {
                        steps.addStatuses(part.told());
                    }
                }
            }
        }
        for (Numbered<VertexWarning> warning : warnings) {
            if (warning.number() > upTo) {
                steps.addWarnings(warning.told());
            }
        }
        int bytes = addOutput(upTo, steps, responses);
        if (bytes > 0 || steps.getVertexesCount() > 0 || steps.getStatusesCount() > 0 || steps.getWarningsCount() > 0) {
            responses.add(steps.build());
        }
        return new News(responses, last, finished);
    }

    /** Adds output to the first response, and to more where it is too much for that; returns what is in the last one. */
    private int addOutput(long upTo, StatusResponse.Builder response, List<StatusResponse> full) {
        int bytes = 0;
        boolean clipped = dropped > upTo;
        for (Numbered<VertexLog> log : output) {
            if (log.number() <= upTo) {
                continue;
            }
            if (clipped) {
                clipped = false;
                response.addLogs(log.told().toBuilder().setMsg(ByteString.copyFromUtf8("[earlier output is lost]\n")));
            }
            if (bytes + log.told().getMsg().size() > MAX_RESPONSE_BYTES && bytes > 0) {
                full.add(response.build());
                response.clear();
                bytes = 0;
            }
            response.addLogs(log.told());
            bytes += log.told().getMsg().size() + 1;
        }
        return bytes;
    }

    private Timestamp now() {
        Instant now = clock.instant();
        return Timestamp.newBuilder()
                .setSeconds(now.getEpochSecond())
                .setNanos(now.getNano())
                .build();
    }

    /** A step. */
    private final class Node implements Vertex {
        final Digest digest;
        final ControlProto.Vertex.Builder vertex = ControlProto.Vertex.newBuilder();
        final Map<String, Numbered<VertexStatus>> parts = new LinkedHashMap<>();
        long changed;
        long partsChanged;

        Node(Digest digest) {
            this.digest = digest;
        }

        @Override
        public Digest digest() {
            return digest;
        }

        @Override
        public void started() {
            synchronized (BuildLog.this) {
                vertex.setStarted(now()).clearCompleted().clearError().setCached(false);
                changed = next();
            }
        }

        @Override
        public void cached() {
            synchronized (BuildLog.this) {
                Timestamp now = now();
                vertex.setStarted(now).setCompleted(now).clearError().setCached(true);
                changed = next();
            }
        }

        @Override
        public void completed() {
            end("");
        }

        @Override
        public void failed(String message) {
            end(message);
        }

        private void end(String error) {
            synchronized (BuildLog.this) {
                Timestamp now = now();
                if (!vertex.hasStarted()) {
                    vertex.setStarted(now);
                }
                vertex.setCompleted(now).setError(error);
                changed = next();
            }
        }

        @Override
        public void log(int stream, byte[] bytes, int offset, int length) {
            ByteString copy = ByteString.copyFrom(bytes, offset, length);
            synchronized (BuildLog.this) {
                VertexLog told = VertexLog.newBuilder()
                        .setVertex(digest.toString())
                        .setTimestamp(now())
                        .setStream(stream)
                        .setMsg(copy)
                        .build();
                output.addLast(new Numbered<>(next(), told));
                outputBytes += cost(told);
                while (outputBytes > MAX_OUTPUT_BYTES && output.size() > 1) {
                    drop();
                }
            }
        }

        @Override
        public void status(Status status) {
            synchronized (BuildLog.this) {
                Timestamp now = now();
                @Nullable Numbered<VertexStatus> before = parts.get(status.id());
                VertexStatus.Builder told = VertexStatus.newBuilder()
                        .setID(status.id())
                        .setVertex(digest.toString())
                        .setName(status.id())
                        .setCurrent(status.current())
                        .setTotal(status.total())
                        .setTimestamp(now)
                        .setStarted(before == null ? now : before.told().getStarted());
                if (status.completed()) {
                    told.setCompleted(now);
                }
                partsChanged = next();
                parts.put(status.id(), new Numbered<>(partsChanged, told.build()));
            }
        }

        @Override
        public void warning(Warning warning) {
            VertexWarning.Builder told = VertexWarning.newBuilder()
                    .setVertex(digest.toString())
                    .setLevel(warning.level())
                    .setShort(ByteString.copyFromUtf8(warning.summary()))
                    .setUrl(warning.url());
            warning.detail().forEach(line -> told.addDetail(ByteString.copyFromUtf8(line)));
            warning.sources().stream().findFirst().ifPresent(source -> {
                told.setInfo(Wire.sourceInfo(source));
                told.addAllRanges(Wire.ranges(source));
            });
            warn(told.build());
        }
    }
}
