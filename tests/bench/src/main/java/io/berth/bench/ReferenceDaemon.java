package io.berth.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * dockerd in directories of its own, in the benchmark's network namespace, without bridge or firewall rules: it touches
 * nothing of a dockerd that the host may run.
 */
final class ReferenceDaemon implements AutoCloseable {
    private static final long START_SECONDS = 60;

    private final Process process;
    private final Path socket;

    private ReferenceDaemon(Process process, Path socket) {
        this.process = process;
        this.socket = socket;
    }

    static ReferenceDaemon start(Path scratch) {
        Path home = scratch.resolve("dockerd");
        Path socket = home.resolve("docker.sock");
        try {
            Files.createDirectories(home);
            Process process = new ProcessBuilder(List.of(
                            "dockerd",
                            "--data-root=" + home.resolve("data"),
                            "--exec-root=" + home.resolve("exec"),
                            "--pidfile=" + home.resolve("pid"),
                            "--host=unix://" + socket,
                            "--bridge=none",
                            "--iptables=false",
                            "--ip6tables=false",
                            "--exec-opt=native.cgroupdriver=cgroupfs",
                            "--cgroup-parent=/berth-bench-dockerd"))
                    .redirectErrorStream(true)
                    .redirectOutput(home.resolve("log").toFile())
                    .start();
            ReferenceDaemon daemon = new ReferenceDaemon(process, socket);
            daemon.awaitReady(home.resolve("log"));
            return daemon;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start dockerd", e);
        }
    }

    private void awaitReady(Path log) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (System.nanoTime() < deadline && process.isAlive()) {
            if (Files.exists(socket)) {
                try (ApiClient api = new ApiClient(socket)) {
                    api.call("GET", "/_ping", "");
                    return;
                } catch (UncheckedIOException e) {
                    pause(); // bound and not yet listening
                }
            } else {
                pause();
            }
        }
        close();
        throw new IllegalStateException("dockerd did not start:\n" + Files.readString(log));
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    Path socket() {
        return socket;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
