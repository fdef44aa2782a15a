package io.berth.bench;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What a network costs a container's start: containers on none, on the default bridge and on a network with names, in turns, so
 * that whatever else the machine does hits all alike. The same for Berth and for a reference daemon.
 */
final class NetworkBench {
    /** Of a user-defined network. */
    static final String NAMED = "bench";

    private static final int WARM_UP = 100;
    private static final List<String> MODES = List.of("none", "bridge", NAMED);
    private static final List<String> NAMES = List.of("none", "bridge", "network with names");

    private final Report report;
    private final String subject;
    private final Path socket;
    private final String image;

    NetworkBench(Report report, String subject, Path socket, String image) {
        this.report = report;
        this.subject = subject;
        this.socket = socket;
        this.image = image;
    }

    /** @param iterations with each network */
    void run(int iterations) throws InterruptedException {
        try (ApiClient api = new ApiClient(socket)) {
            api.call("POST", "/networks/create", "{\"Name\":\"" + NAMED + "\"}");
        }
        measure(1, Math.min(iterations, WARM_UP), 1);
        report("API: ", measure(1, iterations, 1));
        report("API, 4 at a time: ", measure(4, iterations, 5));
    }

    /**
     * @param width how many clients at once, all with the same network
     * @param iterations with each network, of all clients together
     * @param turn how many containers each client has until it is the next network's turn
     */
    private List<Times> measure(int width, int iterations, int turn) throws InterruptedException {
        List<Times> times =
                MODES.stream().map(_ -> new Times(new Samples(), new Samples())).toList();
        try (ExecutorService threads = Executors.newFixedThreadPool(width)) {
            for (int done = 0; done < iterations; done += width * turn) {
                for (int mode = 0; mode < MODES.size(); mode++) {
                    String network = MODES.get(mode);
                    Callable<Times> lane = () -> lane(network, turn);
                    for (Future<Times> ended : threads.invokeAll(Collections.nCopies(width, lane))) {
                        times.get(mode).starts.addAll(ended.get().starts);
                        times.get(mode).wholes.addAll(ended.get().wholes);
                    }
                }
            }
            return times;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a container failed", e);
        }
    }

    private Times lane(String network, int containers) {
        Times times = new Times(new Samples(), new Samples());
        try (ApiClient api = new ApiClient(socket)) {
            for (int i = 0; i < containers; i++) {
                long began = System.nanoTime();
                String id = create(api, network);
                long created = System.nanoTime();
                api.call("POST", "/containers/" + id + "/start", "");
                times.starts.add(System.nanoTime() - created);
                api.call("POST", "/containers/" + id + "/wait", "");
                api.call("DELETE", "/containers/" + id, "");
                times.wholes.add(System.nanoTime() - began);
            }
        }
        return times;
    }

    private String create(ApiClient api, String mode) {
        return api.call(
                        "POST",
                        "/containers/create",
                        "{\"Image\":\"" + image + "\",\"Cmd\":[\"/bin/true\"],\"HostConfig\":{\"NetworkMode\":\"" + mode
                                + "\"}}")
                .json()
                .get("Id")
                .asString();
    }

    private void report(String label, List<Times> times) {
        for (int mode = 0; mode < MODES.size(); mode++) {
            String on = " on " + NAMES.get(mode);
            report.samples(subject, label + "start" + on, times.get(mode).starts);
            report.samples(subject, label + "create + start + wait + remove" + on, times.get(mode).wholes);
        }
        Samples none = times.getFirst().starts;
        for (int mode = 1; mode < MODES.size(); mode++) {
            Samples starts = times.get(mode).starts;
            String what = label + "start, " + NAMES.get(mode) + " − none";
            report.fact(subject, what + ", minima", starts.quantileMillis(0) - none.quantileMillis(0), "ms");
            report.fact(subject, what + ", medians", starts.quantileMillis(0.5) - none.quantileMillis(0.5), "ms");
        }
    }

    /** With one network. */
    private record Times(Samples starts, Samples wholes) {}
}
