package io.berth.image.build;

import io.berth.dockerfile.CommandLine;
import io.berth.dockerfile.ExposedPorts;
import io.berth.dockerfile.Instruction;
import io.berth.dockerfile.KeyValue;
import io.berth.oci.ImageConfig;
import io.berth.oci.ImageConfig.Execution;
import io.berth.oci.ImageConfig.HealthCheck;
import io.berth.oci.ImageConfig.History;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an image's configuration becomes while a stage is built, but for its environment and its layers. Used by one thread; another
 * stage begins with a copy.
 */
final class ImageSettings {
    /** Marks entries of the history that were made from a Dockerfile, as BuildKit does. */
    private static final String COMMENT = "buildkit.dockerfile.v0";

    private static final List<String> SHELL = List.of("/bin/sh", "-c");

    private String user;
    private @Nullable List<String> entrypoint;
    private @Nullable List<String> cmd;
    private boolean cmdGiven;
    private String workingDir;
    private @Nullable String stopSignal;
    private @Nullable HealthCheck healthcheck;
    private @Nullable List<String> shell;
    private final Map<String, Map<String, Object>> ports = new TreeMap<>();
    private final Map<String, Map<String, Object>> volumes = new TreeMap<>();
    private final Map<String, String> labels = new LinkedHashMap<>();
    private final List<String> onBuild = new ArrayList<>();
    private final List<History> history = new ArrayList<>();
    private @Nullable String author;
    private @Nullable String lastTime;

    /** Of an image that a stage begins with. */
    ImageSettings(Execution base, List<History> baseHistory, @Nullable String author) {
        user = base.user() == null ? "" : base.user();
        entrypoint = base.entrypoint();
        cmd = base.cmd();
        workingDir = base.workingDir() == null || base.workingDir().isEmpty() ? "/" : base.workingDir();
        stopSignal = base.stopSignal();
        healthcheck = base.healthcheck();
        shell = base.shell();
        ports.putAll(base.exposedPorts() == null ? Map.of() : base.exposedPorts());
        volumes.putAll(base.volumes() == null ? Map.of() : base.volumes());
        labels.putAll(base.labels() == null ? Map.of() : base.labels());
        history.addAll(baseHistory);
        this.author = author;
        lastTime = baseHistory.isEmpty() ? null : baseHistory.getLast().created();
    }

    private ImageSettings(ImageSettings other) {
        user = other.user;
        entrypoint = other.entrypoint;
        cmd = other.cmd;
        workingDir = other.workingDir;
        stopSignal = other.stopSignal;
        healthcheck = other.healthcheck;
        shell = other.shell;
        ports.putAll(other.ports);
        volumes.putAll(other.volumes);
        labels.putAll(other.labels);
        history.addAll(other.history);
        author = other.author;
        lastTime = other.lastTime;
    }

    /** What is to be done by stages that begin with this one. */
    List<String> triggers() {
        return List.copyOf(onBuild);
    }

    /** For a stage that begins with this one: triggers are done there, and are not its own. */
    ImageSettings copy() {
        return new ImageSettings(this);
    }

    String user() {
        return user;
    }

    String workingDir() {
        return workingDir;
    }

    List<String> shell() {
        return shell == null ? SHELL : shell;
    }

    boolean hasShell() {
        return shell != null;
    }

    void user(String changed) {
        user = changed;
    }

    /** Sets the working directory, relative to the one before; returns it. */
    String workingDir(String changed) {
        String absolute = changed.startsWith("/") ? changed : workingDir + "/" + changed;
        workingDir = "/" + SourceFiles.clean(absolute);
        return workingDir;
    }

    void cmd(CommandLine command) {
        cmd = command.arguments(shell());
        cmdGiven = true;
    }

    void entrypoint(CommandLine command) {
        entrypoint = command.arguments(shell());
        // The command that was there were arguments of another program.
        cmd = cmdGiven ? cmd : null;
    }

    void shell(List<String> changed) {
        shell = changed;
    }

    void stopSignal(String changed) {
        stopSignal = changed;
    }

    void author(String changed) {
        author = changed;
    }

    void label(String name, String value) {
        labels.put(name, value);
    }

    void labels(List<KeyValue> pairs) {
        pairs.forEach(pair -> labels.put(pair.key(), pair.value()));
    }

    /** Adds ports; returns them. */
    List<String> expose(List<String> words) {
        List<String> added = ExposedPorts.parse(words);
        added.forEach(port -> ports.put(port, Map.of()));
        return added;
    }

    void volumes(List<String> paths) {
        paths.forEach(path -> volumes.put(path, Map.of()));
    }

    void onBuild(String trigger) {
        onBuild.add(trigger);
    }

    void healthcheck(Instruction.Healthcheck check) {
        healthcheck = new HealthCheck(
                check.test(),
                nanos(check.interval()),
                nanos(check.timeout()),
                nanos(check.startPeriod()),
                nanos(check.startInterval()),
                check.retries() == 0 ? null : check.retries());
    }

    private static @Nullable Long nanos(Duration duration) {
        return duration.isZero() ? null : duration.toNanos();
    }

    /** Adds a step to the history. */
    void record(String createdBy, boolean empty, @Nullable Instant made) {
        if (made != null) {
            lastTime = made.toString();
        }
        history.add(new History(lastTime, createdBy, author, COMMENT, empty ? true : null));
    }

    /**
     * The configuration without its layers; entries of the history without a time get this one.
     *
     * @param fallback when no step has a time of its own
     * @param all whether it is the time of everything, whatever steps say
     */
    ImageConfig config(ImageConfig base, List<String> env, ImageConfig.RootFs layers, Instant fallback, boolean all) {
        String time = all || lastTime == null ? fallback.toString() : lastTime;
        List<History> timed = history.stream()
                .map(entry -> entry.created() == null
                        ? new History(time, entry.createdBy(), entry.author(), entry.comment(), entry.emptyLayer())
                        : entry)
                .toList();
        return new ImageConfig(
                time,
                author,
                base.architecture(),
                base.variant(),
                base.os(),
                base.osVersion(),
                base.osFeatures(),
                execution(env),
                layers,
                timed,
                null,
                null);
    }

    private Execution execution(List<String> env) {
        return new Execution(
                user.isEmpty() ? null : user,
                ports.isEmpty() ? null : ports,
                env.isEmpty() ? null : env,
                entrypoint,
                cmd,
                volumes.isEmpty() ? null : volumes,
                workingDir,
                labels.isEmpty() ? null : labels,
                stopSignal,
                healthcheck,
                shell,
                onBuild.isEmpty() ? null : List.copyOf(onBuild),
                null);
    }
}
