package io.berth.bench;

import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * dockerd in directories and a network namespace of its own, with bridge and firewall rules but no process that copies bytes of
 * published ports: it touches nothing of a dockerd that the host may run, and may run beside Berth.
 */
final class ReferenceDaemon implements AutoCloseable {
    private static final long START_SECONDS = 60;

    private final Process process;
    private final Path socket;
    private final Fd namespace;

    private ReferenceDaemon(Process process, Path socket, Fd namespace) {
        this.process = process;
        this.socket = socket;
        this.namespace = namespace;
    }

    static ReferenceDaemon start(Path scratch) {
        Path home = scratch.resolve("dockerd");
        Path socket = home.resolve("docker.sock");
        Fd namespace = Namespaces.create(Namespace.NETWORK);
        String network = "--net=" + PublishedPortBench.pathOf(namespace);
        try {
            Shell.run(List.of("nsenter", network, "ip", "link", "set", "lo", "up"));
            Files.createDirectories(home);
            Process process = new ProcessBuilder(List.of(
                            "nsenter",
                            network,
                            "dockerd",
                            "--data-root=" + home.resolve("data"),
                            "--exec-root=" + home.resolve("exec"),
                            "--pidfile=" + home.resolve("pid"),
                            "--host=unix://" + socket,
                            "--ip6tables=false",
                            "--userland-proxy=false",
                            "--exec-opt=native.cgroupdriver=cgroupfs",
                            "--cgroup-parent=/berth-bench-dockerd"))
                    .redirectErrorStream(true)
                    .redirectOutput(home.resolve("log").toFile())
                    .start();
            // A benchmark that is broken off must not leave it.
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process)));
            ReferenceDaemon daemon = new ReferenceDaemon(process, socket, namespace);
            daemon.awaitReady(home.resolve("log"));
            return daemon;
        } catch (IOException e) {
            namespace.close();
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

    /** Path of the network namespace that it and its bridges are in. */
    String namespace() {
        return PublishedPortBench.pathOf(namespace);
    }

    @Override
    public void close() {
        end(process);
        namespace.close();
    }

    private static void end(Process process) {
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
