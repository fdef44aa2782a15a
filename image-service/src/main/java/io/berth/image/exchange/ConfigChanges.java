package io.berth.image.exchange;

import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.image.caller.Caller;
import io.berth.oci.ImageConfig.Execution;
import io.berth.oci.ImageConfig.HealthCheck;
import io.berth.oci.OciJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Dockerfile instructions applied to an image's configuration, as {@code docker import --change} and {@code docker commit
 * --change} take them: those that only change metadata (Dockerfile reference). Used once, by one thread.
 */
public final class ConfigChanges {
    private @Nullable String user;
    private @Nullable List<String> entrypoint;
    private @Nullable List<String> cmd;
    private @Nullable String workingDir;
    private @Nullable String stopSignal;
    private @Nullable HealthCheck healthcheck;
    private final Map<String, Map<String, Object>> ports = new LinkedHashMap<>();
    private final Map<String, Map<String, Object>> volumes = new LinkedHashMap<>();
    private final Map<String, String> env = new LinkedHashMap<>();
    private final Map<String, String> labels = new LinkedHashMap<>();
    private final List<String> onBuild = new ArrayList<>();
    private @Nullable List<String> shell;
    private final @Nullable Boolean argsEscaped;
    private boolean cmdGiven;

    private ConfigChanges(Execution base) {
        user = base.user();
        entrypoint = base.entrypoint();
        cmd = base.cmd();
        workingDir = base.workingDir();
        stopSignal = base.stopSignal();
        healthcheck = base.healthcheck();
        shell = base.shell();
        argsEscaped = base.argsEscaped();
        ports.putAll(base.exposedPorts() == null ? Map.of() : base.exposedPorts());
        volumes.putAll(base.volumes() == null ? Map.of() : base.volumes());
        labels.putAll(base.labels() == null ? Map.of() : base.labels());
        onBuild.addAll(base.onBuild() == null ? List.of() : base.onBuild());
        for (String entry : base.env() == null ? List.<String>of() : base.env()) {
            int equals = entry.indexOf('=');
            env.put(equals < 0 ? entry : entry.substring(0, equals), equals < 0 ? "" : entry.substring(equals + 1));
        }
    }

    /**
     * Applies instructions in order.
     *
     * @throws InvalidParameter for an instruction that is unknown or malformed
     * @throws Forbidden for a label that is the platform's
     */
    public static Execution apply(List<String> instructions) {
        return apply(Execution.EMPTY, instructions);
    }

    /**
     * Applies instructions in order to a configuration that exists.
     *
     * @throws InvalidParameter for an instruction that is unknown or malformed
     * @throws Forbidden for a label that is the platform's
     */
    public static Execution apply(Execution base, List<String> instructions) {
        ConfigChanges changes = new ConfigChanges(base);
        instructions.stream()
                .flatMap(String::lines)
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .forEach(changes::apply);
        return changes.result();
    }

    private Execution result() {
        return new Execution(
                user,
                ports.isEmpty() ? null : ports,
                env.isEmpty()
                        ? null
                        : env.entrySet().stream()
                                .map(e -> e.getKey() + "=" + e.getValue())
                                .toList(),
                entrypoint,
                cmd,
                volumes.isEmpty() ? null : volumes,
                workingDir,
                labels.isEmpty() ? null : labels,
                stopSignal,
                healthcheck,
                shell,
                onBuild.isEmpty() ? null : onBuild,
                argsEscaped);
    }

    private void apply(String line) {
        String[] parts = line.split("\\s+", 2);
        String instruction = parts[0].toUpperCase(Locale.ROOT);
        String rest = parts.length < 2 ? "" : parts[1].strip();
        if (rest.isEmpty() && !instruction.equals("CMD") && !instruction.equals("ENTRYPOINT")) {
            throw new InvalidParameter(instruction + " requires at least one argument");
        }
        switch (instruction) {
            case "CMD" -> {
                cmd = command(rest);
                cmdGiven = true;
            }
            case "ENTRYPOINT" -> {
                entrypoint = command(rest);
                // The command that was there were arguments of another program.
                cmd = cmdGiven ? cmd : null;
            }
            case "SHELL" ->
                shell = jsonArray(rest)
                        .orElseThrow(() -> new InvalidParameter("SHELL requires the arguments to be in JSON form"));
            case "USER" -> user = rest;
            case "WORKDIR" -> workingDir = workingDirectory(rest);
            case "STOPSIGNAL" -> stopSignal = rest;
            case "ENV" -> pairs(instruction, rest, env);
            case "LABEL" -> labels(rest);
            case "EXPOSE" -> DockerfileWords.split(rest).forEach(this::expose);
            case "VOLUME" ->
                jsonArray(rest)
                        .orElseGet(() -> DockerfileWords.split(rest))
                        .forEach(path -> volumes.put(path, Map.of()));
            case "ONBUILD" -> onBuild.add(rest);
            case "HEALTHCHECK" -> healthcheck = healthCheck(rest);
            default -> throw new InvalidParameter(parts[0] + " is not a valid change command");
        }
    }

    /** As they are when quotes and escapes are gone: what a text looks like before says nothing of the label that it makes. */
    private void labels(String text) {
        Map<String, String> given = new LinkedHashMap<>();
        pairs("LABEL", text, given);
        for (String name : given.keySet()) {
            if (Caller.isPlatformLabel(name)) {
                throw new Forbidden("LABEL " + name + ": labels of this prefix are the platform's to set");
            }
        }
        labels.putAll(given);
    }

    /** A JSON array is the command itself, anything else goes through the shell. */
    private List<String> command(String text) {
        if (text.isEmpty()) {
            return List.of();
        }
        return jsonArray(text).orElseGet(() -> {
            List<String> words = new ArrayList<>(shell == null ? List.of("/bin/sh", "-c") : shell);
            words.add(text);
            return words;
        });
    }

    private static java.util.Optional<List<String>> jsonArray(String text) {
        if (!text.startsWith("[")) {
            return java.util.Optional.empty();
        }
        try {
            return java.util.Optional.of(List.of(OciJson.MAPPER.readValue(text, String[].class)));
        } catch (JacksonException | NullPointerException e) {
            return java.util.Optional.empty(); // not JSON after all: then it is the shell form, as Docker has it
        }
    }

    private String workingDirectory(String path) {
        if (path.startsWith("/") || workingDir == null) {
            return path.startsWith("/") ? path : "/" + path;
        }
        return workingDir.endsWith("/") ? workingDir + path : workingDir + "/" + path;
    }

    private static void pairs(String instruction, String text, Map<String, String> into) {
        List<String> words = DockerfileWords.split(text);
        if (!words.getFirst().contains("=")) { // the old form: one name, and everything after it is the value
            String[] nameAndValue = text.split("\\s+", 2);
            if (nameAndValue.length < 2) {
                throw new InvalidParameter(instruction + " must have two arguments");
            }
            into.put(nameAndValue[0], nameAndValue[1]);
            return;
        }
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals <= 0) {
                throw new InvalidParameter(
                        "Syntax error - can't find = in \"" + word + "\". Must be of the form: name=value");
            }
            into.put(word.substring(0, equals), word.substring(equals + 1));
        }
    }

    private void expose(String text) {
        String[] parts = text.split("/", 2);
        String protocol = parts.length < 2 ? "tcp" : parts[1].toLowerCase(Locale.ROOT);
        if (!parts[0].matches("\\d{1,5}(-\\d{1,5})?")
                || !List.of("tcp", "udp", "sctp").contains(protocol)) {
            throw new InvalidParameter("invalid containerPort: " + text);
        }
        String[] range = parts[0].split("-", 2);
        int first = Integer.parseInt(range[0]);
        int last = range.length < 2 ? first : Integer.parseInt(range[1]);
        if (first > last || last > 65_535) {
            throw new InvalidParameter("invalid containerPort: " + text);
        }
        for (int port = first; port <= last; port++) {
            ports.put(port + "/" + protocol, Map.of());
        }
    }

    private HealthCheck healthCheck(String text) {
        if (text.equalsIgnoreCase("NONE")) {
            return new HealthCheck(List.of("NONE"), null, null, null, null, null);
        }
        if (!text.toUpperCase(Locale.ROOT).startsWith("CMD ")) {
            throw new InvalidParameter("HEALTHCHECK options are not supported here, use HEALTHCHECK CMD or NONE");
        }
        String command = text.substring(4).strip();
        List<String> test = new ArrayList<>();
        jsonArray(command)
                .ifPresentOrElse(
                        words -> {
                            test.add("CMD");
                            test.addAll(words);
                        },
                        () -> test.addAll(List.of("CMD-SHELL", command)));
        return new HealthCheck(test, null, null, null, null, null);
    }
}
