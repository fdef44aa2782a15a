package io.berth.registry;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.springframework.web.client.ResourceAccessException;

/** A registry in a process of its own, which can be killed. */
final class RegistryProcess implements AutoCloseable {
    private final Process process;

    private RegistryProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts a registry and waits until it answers.
     *
     * @param directory of its socket, data and log
     * @param settings more arguments, such as {@code --berth.registry.gc.grace=1s}
     */
    static RegistryProcess start(Path directory, String... settings) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        TestRegistry registry = new TestRegistry(directory);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                System.getProperty("berth.test.class.path", System.getProperty("java.class.path")),
                RegistryServiceApplication.class.getName()));
        command.addAll(TestRegistry.arguments(directory, settings));
        File log = directory.resolve("log").toFile();
        RegistryProcess started = new RegistryProcess(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start());
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(400);
        while (!answers(registry)) {
            if (!started.process.isAlive() || System.nanoTime() > deadline) {
                started.kill();
                throw new AssertionError("registry did not start:\n" + Files.readString(log.toPath()));
            }
            Thread.sleep(50);
        }
        return started;
    }

    private static boolean answers(TestRegistry registry) {
        try {
            return registry.get("/v2/").status() == 200;
        } catch (ResourceAccessException e) {
            return false;
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL; returns when the process has gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
