package io.berth.compat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A light load: one client per route asks again and again, each request on a connection of its own, and notes how long it took and
 * what came back.
 */
final class RouteLoad implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(10);

    private final Map<String, Client> clients = new LinkedHashMap<>();

    /**
     * Starts to ask.
     *
     * @param paths what to GET, by the name of the route
     */
    static RouteLoad on(Path socket, Map<String, String> paths) {
        RouteLoad load = new RouteLoad();
        paths.forEach((name, path) -> load.clients.put(name, new Client(new RawHttp(socket), path)));
        load.clients.values().forEach(client -> client.thread.start());
        return load;
    }

    /** What the clients see in that time from now on. */
    Map<String, Seen> during(Duration time) {
        sinceThen();
        pause(time);
        return sinceThen();
    }

    /** What the clients have seen since they were last asked. */
    Map<String, Seen> sinceThen() {
        Map<String, Seen> seen = new LinkedHashMap<>();
        clients.forEach((name, client) -> seen.put(name, client.take()));
        return seen;
    }

    @Override
    public void close() {
        clients.values().forEach(client -> client.thread.interrupt());
        clients.values().forEach(client -> {
            try {
                client.thread.join(Duration.ofSeconds(60));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Answers of one route. */
    record Seen(List<Long> nanos, List<String> failures) {
        Seen {
            nanos = List.copyOf(nanos);
            failures = List.copyOf(failures);
        }

        Duration p99() {
            long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
            if (sorted.length == 0) {
                throw new AssertionError("no answer at all; failures: " + failures);
            }
            return Duration.ofNanos(sorted[(int) Math.min(sorted.length - 1, sorted.length * 99L / 100)]);
        }

        @Override
        public String toString() {
            long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
            return sorted.length + " answers, milliseconds at the median and p99: "
                    + (sorted.length == 0 ? "-" : sorted[sorted.length / 2] / 1_000_000)
                    + Arrays.stream(sorted)
                            .skip(sorted.length * 99L / 100)
                            .limit(1)
                            .mapToObj(n -> " " + n / 1_000_000)
                            .toList()
                    + ", failures: " + failures;
        }
    }

    private static final class Client {
        private final RawHttp http;
        private final String path;
        private final Thread thread = Thread.ofPlatform().daemon().name("load").unstarted(this::run);
        private List<Long> nanos = new ArrayList<>();
        private List<String> failures = new ArrayList<>();

        Client(RawHttp http, String path) {
            this.http = http;
            this.path = path;
        }

        private void run() {
            while (!thread.isInterrupted()) {
                long start = System.nanoTime();
                String failure = ask();
                note(System.nanoTime() - start, failure);
                try {
                    Thread.sleep(PAUSE);
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        private String ask() {
            try {
                RawHttp.Response response = http.get(path);
                return response.status() == 200 ? "" : response.status() + " " + response.body();
            } catch (RuntimeException e) {
                return String.valueOf(e.getCause());
            }
        }

        private synchronized void note(long time, String failure) {
            if (failure.isEmpty()) {
                nanos.add(time);
            } else {
                failures.add(failure);
            }
        }

        private synchronized Seen take() {
            Seen seen = new Seen(nanos, failures);
            nanos = new ArrayList<>();
            failures = new ArrayList<>();
            return seen;
        }
    }
}
