package io.berth.buildkit.control;

import io.berth.buildkit.BuildRecord;
import io.berth.buildkit.BuildResult;
import io.berth.buildkit.Client;
import io.berth.buildkit.rpc.RpcErrors;
import io.berth.buildkit.wire.ControlProto.SolveRequest;
import io.berth.buildkit.wire.StatusProto;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.Unavailable;
import io.berth.json.Frozen;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One build from the client's call until its last export. Some clients describe it whole; others drive it by calls of their
 * own and say at the end which result it is that counts.
 *
 * <p>Its lock is itself. Closing it interrupts what still works for it and gives back its results.
 */
final class Build implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Build.class);
    private static final int MAX_RESULTS = 256;

    private final Client client;
    private final SolveRequest request;
    private final BuildLog log;
    private final Instant created;
    private final CompletableFuture<BuildResult> returned = new CompletableFuture<>();
    private final Map<String, Reference> references = new HashMap<>();
    private final Set<BuildResult> results = new LinkedHashSet<>();
    private final Set<Thread> workers = new HashSet<>();
    private Map<String, String> attributes;
    private boolean closed;
    private @Nullable Ended ended;

    /**
     * How it ended.
     *
     * @param error null when it went well
     * @param response what the client was told
     */
    record Ended(Instant at, StatusProto.@Nullable Status error, Map<String, String> response) {}

    /** One platform's part of a result, as clients name it. */
    record Reference(BuildResult result, String platform) {}

    Build(Client client, SolveRequest request, BuildLog log, Instant created) {
        this.client = client;
        this.request = request;
        this.log = log;
        this.created = created;
        this.attributes = request.getFrontendAttrsMap();
    }

    /** Who has begun it. */
    Client client() {
        return client;
    }

    String ref() {
        return request.getRef();
    }

    SolveRequest request() {
        return request;
    }

    BuildLog log() {
        return log;
    }

    Instant created() {
        return created;
    }

    synchronized @Nullable Ended ended() {
        return ended;
    }

    synchronized void end(Ended how) {
        ended = how;
    }

    /** The options of what is built, as far as they are known. */
    synchronized Map<String, String> attributes() {
        return attributes;
    }

    /** What is told of it to those who look at builds. */
    BuildRecord record() {
        BuildLog.Counts counts = log.counts();
        @Nullable Ended end = ended();
        List<String> names = Wire.exports(request).stream()
                .flatMap(export ->
                        Stream.of(export.attributes().getOrDefault("name", "").split(",")))
                .filter(name -> !name.isEmpty())
                .distinct()
                .toList();
        return new BuildRecord(
                ref(),
                client,
                attributes(),
                names,
                created,
                end == null ? null : end.at(),
                end == null || end.error() == null ? null : end.error().getMessage(),
                counts.total(),
                counts.cached());
    }

    /** The client has told what is built. */
    synchronized void attributes(Map<String, String> told) {
        attributes = Frozen.map(told);
    }

    /** Counts the current thread among those that work for this build, until {@link #leave}. */
    synchronized void join() {
        if (closed) {
            throw new NotFound("no such job " + ref());
        }
        workers.add(Thread.currentThread());
    }

    synchronized void leave() {
        workers.remove(Thread.currentThread());
        // So that no interrupt of this build reaches what the thread does next.
        if (closed) {
            var _ = Thread.interrupted();
        }
    }

    /** Keeps a result for the client and the exports, until the build is closed. */
    synchronized void keep(BuildResult result) {
        if (closed || results.size() >= MAX_RESULTS) {
            result.close();
            throw new Unavailable(closed ? RpcErrors.CANCELED : "too many results in one build");
        }
        results.add(result);
    }

    /** Names for the parts of a kept result, by platform; new ones at each call. */
    synchronized Map<String, String> name(BuildResult result) {
        Map<String, String> names = new LinkedHashMap<>();
        for (String platform : result.platforms()) {
            String name = ref() + "-" + references.size();
            references.put(name, new Reference(result, platform));
            names.put(platform, name);
        }
        return names;
    }

    /** What a client means by a name that it was given. */
    synchronized Reference reference(String name) {
        Reference reference = references.get(name);
        if (reference == null) {
            throw new NotFound("no such ref: " + name);
        }
        return reference;
    }

    /**
     * The client says what its build has come to.
     *
     * @param names of parts of one result; none for a result without parts
     */
    synchronized void complete(Set<String> names) {
        Set<BuildResult> meant = new LinkedHashSet<>();
        for (String name : names) {
            meant.add(reference(name).result());
        }
        if (meant.size() > 1) {
            throw new InvalidParameter("parts of several results cannot be put together");
        }
        if (meant.isEmpty() && results.size() == 1) {
            meant.addAll(results);
        }
        returned.complete(meant.isEmpty() ? NoResult.INSTANCE : meant.iterator().next());
    }

    /** The client says that its build has failed. */
    void fail(StatusProto.Status error) {
        returned.completeExceptionally(RpcErrors.of(error));
    }

    /** What {@link #complete} or {@link #fail} says, or will. */
    BuildResult awaitResult() throws ExecutionException, InterruptedException {
        return returned.get();
    }

    @Override
    public void close() {
        Set<BuildResult> left;
        synchronized (this) {
            closed = true;
            workers.forEach(Thread::interrupt);
            left = new LinkedHashSet<>(results);
            results.clear();
            references.clear();
        }
        for (BuildResult result : left) {
            try {
                result.close();
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).addKeyValue("ref", ref()).log("cannot give back a build's result");
            }
        }
        log.finish();
    }

    /** What nothing was built for. */
    private enum NoResult implements BuildResult {
        INSTANCE;

        @Override
        public List<String> platforms() {
            return List.of();
        }

        @Override
        public Map<String, byte[]> metadata() {
            return Map.of();
        }

        @Override
        public void close() {
            // Holds nothing.
        }
    }
}
