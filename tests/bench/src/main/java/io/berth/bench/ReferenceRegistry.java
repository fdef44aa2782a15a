package io.berth.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Debian's docker-registry on a port of the loopback address, with its content in a directory of its own. */
final class ReferenceRegistry implements AutoCloseable {
    private static final long START_SECONDS = 30;

    private final Process process;

    private ReferenceRegistry(Process process) {
        this.process = process;
    }

    /** Starts it as Debian configures it, but without users. */
    static ReferenceRegistry start(Path scratch, int port) throws IOException, InterruptedException {
        Path home = Files.createDirectories(scratch.resolve("docker-registry"));
        Path configuration = Files.writeString(home.resolve("config.yml"), """
                        version: 0.1
                        log: {level: error, accesslog: {disabled: true}}
                        storage:
                          cache: {blobdescriptor: inmemory}
                          filesystem: {rootdirectory: %s}
                          delete: {enabled: true}
                        http: {addr: "127.0.0.1:%d"}
                        """.formatted(home.resolve("data"), port));
        Process process = new ProcessBuilder(List.of("docker-registry", "serve", configuration.toString()))
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("log").toFile())
                .start();
        ReferenceRegistry registry = new ReferenceRegistry(process);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!listens(port)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                registry.close();
                throw new IllegalStateException(
                        "docker-registry did not start:\n" + Files.readString(home.resolve("log")));
            }
            Thread.sleep(50);
        }
        return registry;
    }

    private static boolean listens(int port) {
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
