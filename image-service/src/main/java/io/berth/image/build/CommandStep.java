package io.berth.image.build;

import io.berth.dockerfile.CommandLine;
import io.berth.dockerfile.Heredoc;
import io.berth.dockerfile.Instruction;
import io.berth.dockerfile.RunDevice;
import io.berth.dockerfile.RunMount;
import io.berth.dockerfile.RunNetwork;
import io.berth.dockerfile.RunSecurity;
import io.berth.dockerfile.Stage;
import io.berth.image.layer.AdoptedLayer;
import io.berth.node.BuildStep;
import io.berth.oci.Digest;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** RUN. Used by one thread. */
final class CommandStep {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ID_BITS = 256;
    private static final String HOSTNAME = "buildkitsandbox";
    private static final int SCRIPT_MODE = 0755;

    private final BuildRun run;
    private final Stage stage;
    private final StageState state;

    CommandStep(BuildRun run, Stage stage, StageState state) {
        this.run = run;
        this.stage = stage;
        this.state = state;
    }

    void run(Instruction.Run command, BuildListener.Progress progress) throws IOException, InterruptedException {
        String network = network(command.network());
        boolean insecure = command.security() == RunSecurity.INSECURE;
        if (insecure) {
            run.entitled(BuildRequest.INSECURE);
        }
        refuseRequired(command.devices());
        Optional<Heredoc> script = command.command().script();
        List<String> arguments = arguments(command.command(), script);
        List<RunMount> wanted = RunMount.of(command, run.dockerfile().expansion(), state.scope());
        String history = "RUN " + history(arguments) + " # buildkit";
        try (RunMounts mounts = new RunMounts(
                run.tools(), run.input(), new Sources(), state.settings().workingDir())) {
            Digest key = key(arguments, script, network, insecure, wanted, mounts);
            if (mounts.remade()) {
                state.remake();
            }
            Optional<AdoptedLayer> cached = run.results().cached(key, state, history, progress);
            if (cached.isPresent()) {
                return;
            }
            Instant now = run.results().now();
            AdoptedLayer layer = execute(arguments, script, network, insecure, wanted, mounts, progress);
            run.results().made(key, command.source(), state, layer, history, now);
        }
    }

    private final class Sources implements RunMounts.MountSources {
        @Override
        public RunMounts.Origin origin(@Nullable String from) throws IOException, InterruptedException {
            return run.origin(stage, from);
        }

        @Override
        public CacheMountUse caches() {
            return run.cacheMounts();
        }
    }

    /** No device is registered with this builder: a command gets none, and one that needs one cannot run. */
    private static void refuseRequired(List<RunDevice> devices) {
        devices.stream().filter(RunDevice::required).findFirst().ifPresent(device -> {
            throw new BuildFailure("required device \"" + device.name() + "\" is not registered");
        });
    }

    private String network(RunNetwork wanted) {
        String mode =
                switch (wanted) {
                    case NONE -> "none";
                    case HOST -> "host";
                    case DEFAULT -> run.request().networkMode();
                };
        if (mode.equals("host")) {
            run.entitled(BuildRequest.HOST_NETWORK);
        }
        return mode.isEmpty() || mode.equals("default") ? "bridge" : mode;
    }

    private List<String> arguments(CommandLine command, Optional<Heredoc> script) {
        if (script.isEmpty()) {
            return command.arguments(state.settings().shell());
        }
        List<String> arguments = new ArrayList<>(state.settings().shell());
        arguments.add("/dev/pipes/" + script.get().name());
        return arguments;
    }

    /** What the command was, after the build arguments that it could see. */
    private String history(List<String> arguments) {
        List<String> words = new ArrayList<>(state.scope().runHistory());
        words.addAll(arguments);
        return String.join(" ", words);
    }

    private Digest key(
            List<String> arguments,
            Optional<Heredoc> script,
            String network,
            boolean insecure,
            List<RunMount> wanted,
            RunMounts mounts)
            throws IOException, InterruptedException {
        StepKey key = new StepKey("run")
                .add(state.key())
                .add(arguments)
                .add(script.map(Heredoc::text).orElse(""))
                .add(state.scope().imageEnvironment())
                .add(state.scope().runArguments())
                .add(state.settings().user())
                .add(state.settings().workingDir())
                .add(network)
                .add(insecure)
                .add(run.request().extraHosts());
        mounts.describe(wanted, key);
        return key.digest();
    }

    private AdoptedLayer execute(
            List<String> arguments,
            Optional<Heredoc> script,
            String network,
            boolean insecure,
            List<RunMount> wanted,
            RunMounts mounts,
            BuildListener.Progress progress)
            throws IOException, InterruptedException {
        Path directory = run.tools().layers().stage();
        try {
            mounts.prepare(wanted, directory);
            script.ifPresent(heredoc ->
                    mounts.file(arguments.getLast(), heredoc.text().getBytes(StandardCharsets.UTF_8), SCRIPT_MODE));
            Path upper = RootTree.upper(directory);
            BuildStep step = new BuildStep(
                    newId(),
                    state.directories().stream().map(Path::toString).toList(),
                    upper.toString(),
                    arguments,
                    environment(mounts),
                    state.settings().workingDir(),
                    state.settings().user(),
                    HOSTNAME,
                    network,
                    insecure,
                    run.request().extraHosts(),
                    run.request().limits(),
                    mounts.mounts());
            BuildStep.Result result = run.tools().steps().run(step, progress::output);
            check(result, arguments);
            if (!mounts.mounts().isEmpty()) {
                try (RootTree before = RootTree.readOnly(
                        state.directories(), run.tools().data().empty())) {
                    mounts.removeStubs(upper, before);
                }
            }
            return run.results().adopt(upper);
        } finally {
            run.tools().layers().discardStage(directory);
        }
    }

    private List<String> environment(RunMounts mounts) {
        List<String> all = new ArrayList<>();
        state.scope().undeclaredProxies().forEach((name, value) -> all.add(name + "=" + value));
        all.addAll(state.scope().imageEnvironment());
        state.scope().runArguments().forEach((name, value) -> all.add(name + "=" + value));
        all.addAll(mounts.environment());
        return all;
    }

    private static void check(BuildStep.Result result, List<String> arguments) {
        String command = String.join(" ", arguments);
        if (!result.error().isEmpty()) {
            throw new BuildFailure(result.error());
        }
        if (result.exitCode() != 0) {
            String why = result.outOfMemory() && result.exitCode() == 137 ? ": cannot allocate memory" : "";
            throw new BuildFailure(
                    "process \"" + command + "\" did not complete successfully: exit code: " + result.exitCode() + why,
                    result.exitCode(),
                    io.berth.dockerfile.Lines.NONE,
                    null);
        }
    }

    private static String newId() {
        String hex = new BigInteger(ID_BITS, RANDOM).toString(16);
        return "0".repeat(ID_BITS / 4 - hex.length()) + hex;
    }
}
