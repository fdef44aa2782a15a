package io.berth.compat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Scenarios of a user of Testcontainers in a process of their own, in the daemon's network namespace, where published ports are reached, and wired by
 * {@code DOCKER_HOST} alone. The images that Testcontainers itself needs are ours, under the names that its configuration lets one give.
 */
final class ScenarioProcess {
    /** The image of a resource reaper. */
    static final String REAPER = "berth-test/reaper:1";

    /** The image of a forwarder of ports. */
    static final String FORWARDER = "berth-test/forwarder:1";

    private static final Duration TIMEOUT = Duration.ofMinutes(8);

    private final Target target;
    private final Path directory;

    ScenarioProcess(Target target, Path directory) {
        this.target = target;
        this.directory = directory;
    }

    /** Builds the two images, on the daemon. */
    void buildImages() {
        Path sources = Path.of(Objects.requireNonNull(System.getProperty("berth.root"), "berth.root is not set"))
                .resolve("tests/compat/src/test/resources/testcontainers");
        try {
            Path context = Files.createDirectories(directory.resolve("reaper"));
            Files.copy(sources.resolve("reaper/Dockerfile"), context.resolve("Dockerfile"));
            Running.run(
                            List.of(
                                    "gcc",
                                    "-O2",
                                    "-static",
                                    "-o",
                                    context.resolve("reaper").toString(),
                                    sources.resolve("reaper/reaper.c").toString()),
                            Map.of(),
                            new byte[0],
                            Duration.ofMinutes(1))
                    .ok();
            target.docker().ok("build", "-q", "-t", REAPER, context.toString());
            target.docker()
                    .ok(
                            "build",
                            "-q",
                            "-t",
                            FORWARDER,
                            sources.resolve("forwarder").toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void removeImages() {
        target.docker().run("rmi", "-f", REAPER, FORWARDER);
    }

    /**
     * Runs scenarios and makes a test of each.
     *
     * @param main whose {@code main} hands them to {@link Scenarios}
     * @param arguments before the names of the scenarios
     */
    List<DynamicTest> run(Class<?> main, List<String> arguments, List<String> scenarios) {
        List<String> command = new ArrayList<>(target.inNamespace());
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                // Testcontainers reads and writes its settings there.
                "-Duser.home=" + directory,
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath(),
                main.getName()));
        command.addAll(arguments);
        command.addAll(scenarios);
        Map<String, String> environment = new HashMap<>();
        environment.put("DOCKER_HOST", "unix://" + target.socket());
        environment.put("DOCKER_CONFIG", directory.resolve("docker-config").toString());
        environment.put("TESTCONTAINERS_RYUK_CONTAINER_IMAGE", REAPER);
        environment.put("TESTCONTAINERS_SOCAT_CONTAINER_IMAGE", FORWARDER);
        // It looks whether files can be mounted, by a container of this.
        environment.put("TESTCONTAINERS_TINYIMAGE_CONTAINER_IMAGE", Target.IMAGE);
        environment.put("TESTCONTAINERS_REUSE_ENABLE", "true");
        return tests(Running.run(command, environment, new byte[0], TIMEOUT), scenarios);
    }

    private static List<DynamicTest> tests(Outcome outcome, List<String> scenarios) {
        List<String> lines = outcome.out().lines().toList();
        return scenarios.stream()
                .map(scenario -> DynamicTest.dynamicTest(scenario, () -> {
                    if (!lines.contains("PASS " + scenario)) {
                        throw new AssertionError(lines.stream()
                                .filter(line -> line.startsWith("FAIL " + scenario + " "))
                                .findFirst()
                                .map(line -> line.replace('⏎', '\n'))
                                .orElse("no result: " + outcome));
                    }
                }))
                .toList();
    }

    private static String classPath() {
        if (ScenarioProcess.class.getClassLoader() instanceof URLClassLoader loader) {
            return Stream.of(loader.getURLs()).map(URL::getPath).collect(Collectors.joining(File.pathSeparator));
        }
        return Objects.requireNonNull(System.getProperty("java.class.path"));
    }

    /** Waits until nothing is left of what a run that was killed has made. */
    void awaitReaper() {
        String label = "label=org.testcontainers=true";
        Eventually.holds(
                Duration.ofSeconds(20),
                () -> target.docker()
                        .shell("docker ps -aq --filter " + label + "; docker network ls -q --filter " + label
                                + "; docker volume ls -q --filter " + label)
                        .ok()
                        .isEmpty(),
                () -> target.docker().ok("ps", "-a", "--filter", label));
    }
}
