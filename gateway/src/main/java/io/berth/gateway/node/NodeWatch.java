package io.berth.gateway.node;

import io.berth.docker.DockerJson;
import io.berth.docker.error.SystemFailure;
import io.berth.gateway.route.Backend;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Watches one node: asks its services once a second whether they live, and keeps its {@link KnownContainers} by its events. One thread
 * asks, one lists, one listens. A service is lost when it has not answered twice, for as long as its patience lasts: one that restarts is not.
 */
final class NodeWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeWatch.class);

    private static final long PAUSE_MILLIS = 1_000;
    /** Events that follow each other are answered with one list. */
    private static final long GATHER_MILLIS = 150;

    private static final int FAILURES = 2;
    /** What changes neither a container's name nor its state as it is listed. */
    private static final Set<String> UNLISTED = Set.of(
            "exec_create",
            "exec_start",
            "exec_die",
            "exec_detach",
            "top",
            "resize",
            "attach",
            "detach",
            "archive-path",
            "extract-to-dir",
            "export",
            "copy",
            "commit");

    private final Node node;
    private final Duration patience;
    private final CountDownLatch looked = new CountDownLatch(1);
    private final Semaphore listing = new Semaphore(0);
    private final Semaphore asking = new Semaphore(0);
    private final List<Thread> threads;
    private volatile boolean closed;
    private final Failing engine = new Failing();
    private final Failing image = new Failing();

    private NodeWatch(Node node, Duration patience) {
        this.node = node;
        this.patience = patience;
        this.threads = List.of(
                Thread.ofVirtual().name("node-watch-" + node).unstarted(this::watch),
                Thread.ofVirtual().name("node-list-" + node).unstarted(this::list),
                Thread.ofVirtual().name("node-events-" + node).unstarted(this::listen));
    }

    static NodeWatch start(Node node, Duration patience) {
        NodeWatch watch = new NodeWatch(node, patience);
        watch.threads.forEach(Thread::start);
        return watch;
    }

    void awaitFirstLook(long nanos) {
        try {
            boolean _ = looked.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // --- does it live?

    private void watch() {
        try {
            while (!closed) {
                if (node.availability() != Availability.DOWN) {
                    look();
                }
                looked.countDown();
                boolean _ = asking.tryAcquire(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                asking.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SystemFailure e) {
            ended(e);
        }
    }

    /** A question was broken off, as it is when the watch ends. */
    private void ended(SystemFailure cause) {
        if (!closed) {
            throw cause;
        }
    }

    private void look() {
        Reach before = node.reach();
        String engineCause = engine.look(ask(Backend.ENGINE, "/_ping"), before.engineCause());
        String imageCause = image.look(ask(Backend.IMAGE, "/actuator/health"), before.imageCause());
        boolean same = (engineCause == null) == (before.engineCause() == null)
                && (imageCause == null) == (before.imageCause() == null);
        Reach now = new Reach(engineCause, imageCause, same ? before.since() : Instant.now());
        node.found(now);
        if (before.up() != now.up()) {
            LOG.atInfo()
                    .addKeyValue("node", node.name())
                    .addKeyValue("cause", now.cause())
                    .log(now.up() ? "node is back" : "node is lost");
        }
        if (now.up() && (!before.up() || looked.getCount() > 0)) {
            relist();
            looked.countDown();
            listing.release();
        }
    }

    /** How often, and for how long, one service has not answered. */
    private final class Failing {
        private int times;
        private long sinceNanos;

        /** What it is to be called now, when it was called that before. */
        @Nullable
        String look(@Nullable String cause, @Nullable String before) {
            if (cause == null) {
                times = 0;
                return null;
            }
            if (times++ == 0) {
                sinceNanos = System.nanoTime();
            }
            boolean lost = times >= FAILURES && System.nanoTime() - sinceNanos >= patience.toNanos();
            // One that was never seen is lost at once: nobody waits for it to come back.
            return lost || before != null || looked.getCount() > 0 ? cause : null;
        }
    }

    /** Why a service does not answer, or null when it does. */
    private @Nullable String ask(Backend backend, String path) {
        Fan.Answers answers = Fan.probe(node, patience, asked -> asked.client().get(backend, path));
        if (!answers.lost().isEmpty()) {
            String text = answers.lost().getFirst().error().text();
            return text.substring(text.indexOf(": ") + 2);
        }
        int status = answers.answers().getFirst().status();
        return status == 200 ? null : "answered " + status;
    }

    // --- what runs there?

    private void list() {
        try {
            while (!closed) {
                listing.acquire();
                Thread.sleep(GATHER_MILLIS);
                listing.drainPermits();
                if (node.reachable()) {
                    relist();
                    lookAtReservations();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SystemFailure e) {
            ended(e);
        }
    }

    private void relist() {
        for (Answer answer : Fan.probe(
                        node, Fan.QUICK, asked -> asked.client().get(Backend.ENGINE, "/containers/json?all=1"))
                .good()) {
            node.containers().replace(answer.json().valueStream().toList());
        }
    }

    private void lookAtReservations() {
        if (node.capacity().cpus() == 0 || node.capacity().memoryBytes() == 0) {
            for (Answer answer : Fan.probe(
                            node, Fan.QUICK, asked -> asked.client().get(Backend.ENGINE, "/info"))
                    .good()) {
                JsonNode info = answer.json();
                node.found(new Node.Capacity(
                        info.path("NCPU").asDouble(0), info.path("MemTotal").asLong(0)));
            }
        }
        for (KnownContainers.Known known : node.containers().all().values()) {
            if (known.memoryBytes() >= 0) {
                continue;
            }
            for (Answer answer : Fan.probe(
                            node,
                            Fan.QUICK,
                            asked -> asked.client().get(Backend.ENGINE, "/containers/" + known.id() + "/json"))
                    .good()) {
                Reservation reserved = Reservation.of(answer.json().path("HostConfig"));
                node.containers().reserved(known.id(), reserved.memoryBytes(), reserved.nanoCpus());
            }
        }
    }

    // --- what happens there?

    private void listen() {
        try {
            while (!closed) {
                if (node.reachable()) {
                    try {
                        Boolean _ = node.client().stream(
                                "GET",
                                Backend.ENGINE,
                                "/events?filters=%7B%22type%22%3A%5B%22container%22%5D%7D",
                                Map.of(),
                                null,
                                (status, _, body) -> {
                                    listing.release();
                                    return follow(status, body);
                                });
                    } catch (RuntimeException e) {
                        LOG.atDebug()
                                .addKeyValue("node", node.name())
                                .setCause(e)
                                .log("events of a node ended");
                    }
                    // Perhaps it ended because the node did.
                    asking.release();
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean follow(int status, InputStream body) throws IOException {
        if (status != 200) {
            return false;
        }
        BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
        for (String line; !closed && (line = lines.readLine()) != null; ) {
            happened(line);
        }
        return true;
    }

    private void happened(String line) {
        try {
            JsonNode event = DockerJson.MAPPER.readTree(line);
            String action = event.path("Action").asString("");
            String id = event.path("Actor").path("ID").asString("");
            int colon = action.indexOf(':');
            if (UNLISTED.contains(colon < 0 ? action : action.substring(0, colon))) {
                return;
            }
            if (action.equals("destroy")) {
                node.containers().remove(id);
            }
            listing.release();
        } catch (JacksonException e) {
            LOG.atWarn().addKeyValue("node", node.name()).setCause(e).log("event of a node is not JSON");
        }
    }

    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
    }
}
