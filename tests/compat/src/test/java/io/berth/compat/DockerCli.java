package io.berth.compat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The stock {@code docker} command, pointed at one daemon. */
final class DockerCli {
    private static final Duration TIMEOUT = Duration.ofSeconds(90);

    private final List<String> prefix;
    private final Map<String, String> environment;

    /**
     * @param prefix command that puts the client into the daemon's network namespace, or empty
     * @param host as for {@code docker -H}
     * @param config directory for the client's configuration, so that the user's own is left alone
     */
    DockerCli(List<String> prefix, String host, Path config) {
        this.prefix = List.copyOf(prefix);
        this.environment = Map.of(
                "DOCKER_HOST", host,
                "DOCKER_CONFIG", config.toString(),
                "DOCKER_CONTEXT", "",
                "DOCKER_CLI_HINTS", "false",
                "LC_ALL", "C.UTF-8");
    }

    private DockerCli(List<String> prefix, Map<String, String> environment) {
        this.prefix = prefix;
        this.environment = environment;
    }

    /** The same client with one more variable in its environment. */
    DockerCli with(String name, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(name, value);
        return new DockerCli(prefix, Map.copyOf(more));
    }

    /** The same client, whose builds go to the classic builder's endpoint. */
    DockerCli classic() {
        return with("DOCKER_BUILDKIT", "0");
    }

    /** Runs a docker command to its end, whatever its exit code. */
    Outcome run(String... arguments) {
        return Running.run(command(arguments), environment, new byte[0], TIMEOUT);
    }

    /** Runs a docker command with this standard input. */
    Outcome runWithInput(String input, String... arguments) {
        return Running.run(command(arguments), environment, input.getBytes(StandardCharsets.UTF_8), TIMEOUT);
    }

    /** Runs a docker command to its end with this standard input and deadline. */
    Outcome run(List<String> arguments, String input, Duration timeout) {
        return Running.run(
                command(arguments.toArray(String[]::new)),
                environment,
                input.getBytes(StandardCharsets.UTF_8),
                timeout);
    }

    /** Runs a docker command that must succeed; returns what it printed. */
    String ok(String... arguments) {
        return run(arguments).ok();
    }

    /** Starts a docker command and leaves it running, its input open. */
    Running start(String... arguments) {
        return Running.start(command(arguments), environment);
    }

    /** Runs a docker command on a terminal of its own, made by {@code script}; its output has CR LF line ends. */
    Outcome runOnTerminal(String input, String... arguments) {
        List<String> quoted = new ArrayList<>();
        for (String argument : command(arguments)) {
            quoted.add("'" + argument.replace("'", "'\\''") + "'");
        }
        List<String> command = List.of("script", "-qec", String.join(" ", quoted), "/dev/null");
        return Running.run(command, environment, input.getBytes(StandardCharsets.UTF_8), TIMEOUT);
    }

    /** Runs a shell script on the host in which {@code docker} is this client, for what needs pipes. */
    Outcome shell(String script) {
        return shell(script, TIMEOUT);
    }

    /** The same with a deadline. */
    Outcome shell(String script, Duration timeout) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("bash", "-c", "set -o pipefail; " + script));
        return Running.run(command, environment, new byte[0], timeout);
    }

    private List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add("docker");
        command.addAll(List.of(arguments));
        return command;
    }
}
