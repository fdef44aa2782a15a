package io.berth.compat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A platform started by the launcher script in directories, and a network namespace, of its own.
 *
 * <p>The namespace is held by a sleeping process; clients that use TCP run inside it.
 */
final class BerthInstance implements AutoCloseable {
    /** The first start of a build prepares the fast ones that follow: minutes on a busy machine. */
    private static final Duration UP_TIMEOUT = Duration.ofMinutes(10);

    private final Path scratch;
    private final int port;
    private final Running namespace;
    private final Map<String, String> settings;
    private final Thread endWithTests = new Thread(this::remove);

    private BerthInstance(Path scratch, int port, Running namespace, Map<String, String> settings) {
        this.scratch = scratch;
        this.settings = settings;
        this.port = port;
        this.namespace = namespace;
        Runtime.getRuntime().addShutdownHook(endWithTests); // tests that are broken off do not close it
    }

    /** Starts a platform and waits until it is healthy. Its registry asks nobody who they are. */
    static BerthInstance start(int port) {
        return start(port, Map.of("BERTH_REGISTRY_ACCESS", "open"));
    }

    /**
     * Starts a platform and waits until it is healthy.
     *
     * @param settings environment of the launcher and of the services; without any all is as users find it
     */
    static BerthInstance start(int port, Map<String, String> settings) {
        Running namespace = Running.start(
                List.of(
                        "unshare",
                        "--net",
                        "--",
                        "sh",
                        "-c",
                        "ip link set lo up && echo 1 >/proc/sys/net/ipv4/ip_forward && echo up && exec sleep infinity"),
                Map.of());
        Eventually.holds(
                Duration.ofSeconds(10), () -> namespace.outUntilNow().contains("up"), () -> "no network namespace");
        try {
            BerthInstance instance =
                    new BerthInstance(Files.createTempDirectory("berth-compat"), port, namespace, settings);
            try {
                instance.up();
                return instance;
            } catch (AssertionError e) {
                instance.close();
                throw e;
            }
        } catch (IOException e) {
            namespace.close();
            throw new UncheckedIOException(e);
        }
    }

    /** Starts what does not run. */
    String up() {
        return launcher("up", "--no-build").ok();
    }

    Outcome launcher(String... arguments) {
        return launcher(Map.of(), inNamespace(), arguments);
    }

    /** Runs the launcher for this platform by a command prefix, such as one that enters another network namespace. */
    Outcome launcherIn(List<String> prefix, String... arguments) {
        return launcher(Map.of(), prefix, arguments);
    }

    private Outcome launcher(Map<String, String> more, List<String> prefix, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(launcherScript().toString());
        command.addAll(List.of(arguments));
        Map<String, String> environment = new HashMap<>();
        // What asks TCP clients who they are has suites of its own, which set this otherwise.
        environment.put("BERTH_GATEWAY_ACCESS", "open");
        environment.putAll(settings);
        environment.putAll(more);
        environment.put("BERTH_DATA_DIR", dataDirectory().toString());
        environment.put("BERTH_RUN_DIR", runDirectory().toString());
        environment.put("BERTH_PORT", Integer.toString(port));
        environment.put("BERTH_BUILD", "never");
        return Running.run(command, environment, new byte[0], UP_TIMEOUT);
    }

    static Path launcherScript() {
        return Path.of(Objects.requireNonNull(System.getProperty("berth.root"), "berth.root is not set"), "berth");
    }

    /** Command prefix that runs a program in this platform's network namespace. */
    List<String> inNamespace() {
        return List.of("nsenter", "--net=/proc/" + namespace.pid() + "/ns/net", "--");
    }

    int port() {
        return port;
    }

    Path scratch() {
        return scratch;
    }

    Path dataDirectory() {
        return scratch.resolve("data");
    }

    Path runDirectory() {
        return scratch.resolve("run");
    }

    Path socket() {
        return runDirectory().resolve("docker.sock");
    }

    DockerCli docker() {
        return new DockerCli(List.of(), "unix://" + socket(), scratch.resolve("docker-config"));
    }

    DockerCli dockerOverTcp() {
        return new DockerCli(inNamespace(), "tcp://127.0.0.1:" + port, scratch.resolve("docker-config"));
    }

    /** The process of a service or the {@code supervisor}, as the launcher noted it. */
    long pidOf(String service) {
        try {
            String text = Files.readString(runDirectory().resolve(service + ".pid"));
            return Long.parseLong(text.strip().split(" ")[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The process that holds the network namespace. */
    long namespacePid() {
        return namespace.pid();
    }

    /** Sends a service a signal: {@code STOP}, {@code CONT}. */
    void signal(String service, String signal) {
        Running.run(
                        List.of("kill", "-" + signal, Long.toString(pidOf(service))),
                        Map.of(),
                        new byte[0],
                        Duration.ofSeconds(5))
                .ok();
    }

    /**
     * Restarts services by the launcher, one after the other, as an upgrade would.
     *
     * @param more environment besides the settings of this platform
     */
    String restart(Map<String, String> more, String... services) {
        List<String> arguments = new ArrayList<>(List.of("restart"));
        arguments.addAll(List.of(services));
        return launcher(more, inNamespace(), arguments.toArray(String[]::new)).ok();
    }

    /** Ends a service as nothing can prevent, and returns when it has ended. It stays away until {@link #up}. */
    void kill(String service) {
        kill(pidOf("supervisor"), "supervisor");
        kill(pidOf(service), service);
    }

    /** Ends a service as nothing can prevent, and returns when it has ended. It will be started again. */
    void crash(String service) {
        kill(pidOf(service), service);
    }

    private static void kill(long pid, String what) {
        Running.run(List.of("kill", "-9", Long.toString(pid)), Map.of(), new byte[0], Duration.ofSeconds(5))
                .ok();
        Eventually.holds(Duration.ofSeconds(10), () -> !isAlive(pid), () -> "the " + what + " does not die");
    }

    /** A process that has ended and whose parent has not looked yet is not: an orphan's is the host's init. */
    static boolean isAlive(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException e) {
            return false;
        }
    }

    /** Stops the platform and, whatever it left, removes its directories. */
    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(endWithTests);
        Outcome down = launcher("down");
        Outcome removed = remove();
        down.ok();
        removed.ok();
    }

    /** Also what a killed engine leaves to the next one: its containers and their keeper. */
    private Outcome remove() {
        Outcome removed = launcher("remove-scratch", scratch.toString());
        namespace.close();
        return removed;
    }
}
