package io.berth.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A daemon's containers and execs over its API; the same for Berth and for a reference daemon. */
final class ApiBench {
    private static final int WARM_UP = 30;

    /**
     * How many times what is measured a JVM's services do before: they have compiled then what matters. Before, their figures
     * are those of a platform that was just started.
     */
    private static final int LONG_WARM_UP = 10;

    private static final int ROUNDS = 5;

    private final Report report;
    private final String subject;
    private final Path socket;
    private final String image;

    ApiBench(Report report, String subject, Path socket, String image) {
        this.report = report;
        this.subject = subject;
        this.socket = socket;
        this.image = image;
    }

    void run(int iterations, int batch) throws InterruptedException {
        containers("API, just started: ", WARM_UP, iterations);
        execs("API, just started: ", WARM_UP, iterations);
        containers("API: ", LONG_WARM_UP * iterations, iterations);
        execs("API: ", LONG_WARM_UP / 2 * iterations, iterations);
        sequential(batch);
        parallel(batch, 4);
    }

    /** The same for a daemon that has nothing to compile, and takes its time. */
    void runShort(int iterations, int batch) throws InterruptedException {
        containers("API: ", 5, iterations);
        execs("API: ", 5, iterations);
        sequential(batch / 2);
        parallel(batch, 4);
    }

    private void containers(String label, int warmUp, int iterations) {
        Samples create = new Samples();
        Samples start = new Samples();
        Samples wait = new Samples();
        Samples remove = new Samples();
        Samples total = new Samples();
        try (ApiClient api = new ApiClient(socket)) {
            for (int i = -warmUp; i < iterations; i++) {
                long began = System.nanoTime();
                String id = create(api, "\"/bin/true\"");
                long created = System.nanoTime();
                api.call("POST", "/containers/" + id + "/start", "");
                long started = System.nanoTime();
                int code = api.call("POST", "/containers/" + id + "/wait", "")
                        .json()
                        .get("StatusCode")
                        .asInt();
                long waited = System.nanoTime();
                api.call("DELETE", "/containers/" + id, "");
                long removed = System.nanoTime();
                if (code != 0) {
                    throw new IllegalStateException("a container that should succeed ended with " + code);
                }
                if (i >= 0) {
                    create.add(created - began);
                    start.add(started - created);
                    wait.add(waited - started);
                    remove.add(removed - waited);
                    total.add(removed - began);
                }
            }
        }
        report.samples(subject, label + "create", create);
        report.samples(subject, label + "start", start);
        report.samples(subject, label + "wait (rest of /bin/true)", wait);
        report.samples(subject, label + "remove", remove);
        report.samples(subject, label + "create + start + wait + remove", total);
    }

    private void execs(String label, int warmUp, int iterations) {
        Samples samples = new Samples();
        try (ApiClient api = new ApiClient(socket)) {
            String id = create(api, "\"/bin/sleep\",\"100000\"");
            api.call("POST", "/containers/" + id + "/start", "");
            for (int i = -warmUp; i < iterations; i++) {
                long began = System.nanoTime();
                String exec = api.call(
                                "POST",
                                "/containers/" + id + "/exec",
                                "{\"AttachStdout\":true,\"AttachStderr\":true,\"Cmd\":[\"/bin/echo\",\"hi\"]}")
                        .json()
                        .get("Id")
                        .asString();
                byte[] output = ApiClient.runExec(socket, exec);
                long done = System.nanoTime();
                if (output.length != 8 + 3) {
                    throw new IllegalStateException("an exec gave " + output.length + " bytes instead of a frame of 3");
                }
                if (i >= 0) {
                    samples.add(done - began);
                }
            }
            api.call("DELETE", "/containers/" + id + "?force=true", "");
        }
        report.samples(subject, label + "exec create + start + output to its end", samples);
    }

    private void sequential(int batch) {
        try (ApiClient api = new ApiClient(socket)) {
            long began = System.nanoTime();
            for (int i = 0; i < batch; i++) {
                whole(api);
            }
            rate(batch + " containers one after another", batch, (System.nanoTime() - began) / 1e6);
        }
    }

    private void parallel(int batch, int width) throws InterruptedException {
        Samples rounds = new Samples();
        try (ExecutorService threads = Executors.newFixedThreadPool(width)) {
            List<Callable<Integer>> lanes = new ArrayList<>();
            for (int lane = 0; lane < width; lane++) {
                int share = batch / width + (lane < batch % width ? 1 : 0);
                lanes.add(() -> {
                    try (ApiClient api = new ApiClient(socket)) {
                        for (int i = 0; i < share; i++) {
                            whole(api);
                        }
                    }
                    return share;
                });
            }
            for (int round = 0; round < ROUNDS; round++) {
                long began = System.nanoTime();
                for (Future<Integer> lane : threads.invokeAll(lanes)) {
                    int _ = lane.get();
                }
                rounds.add(System.nanoTime() - began);
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a parallel container failed", e);
        }
        rate(
                batch + " containers, " + width + " at a time, median of " + ROUNDS + " rounds",
                batch,
                rounds.quantileMillis(0.5));
    }

    private void rate(String what, int containers, double millis) {
        report.fact(subject, "API: " + what, millis, "ms");
        report.fact(subject, "API: " + what + ", rate", containers / (millis / 1e3), "containers/s");
    }

    private void whole(ApiClient api) {
        String id = create(api, "\"/bin/true\"");
        api.call("POST", "/containers/" + id + "/start", "");
        api.call("POST", "/containers/" + id + "/wait", "");
        api.call("DELETE", "/containers/" + id, "");
    }

    private String create(ApiClient api, String command) {
        return api.call(
                        "POST",
                        "/containers/create",
                        "{\"Image\":\"" + image + "\",\"Cmd\":[" + command
                                + "],\"HostConfig\":{\"Memory\":67108864,\"NetworkMode\":\"none\"}}")
                .json()
                .get("Id")
                .asString();
    }

    /** Starts idle containers and returns their ids. */
    List<String> startIdle(int count) {
        List<String> ids = new ArrayList<>();
        try (ApiClient api = new ApiClient(socket)) {
            for (int i = 0; i < count; i++) {
                String id = create(api, "\"/bin/sleep\",\"100000\"");
                api.call("POST", "/containers/" + id + "/start", "");
                ids.add(id);
            }
        }
        return ids;
    }

    void remove(List<String> ids) {
        try (ApiClient api = new ApiClient(socket)) {
            for (String id : ids) {
                api.call("DELETE", "/containers/" + id + "?force=true", "");
            }
        }
    }
}
