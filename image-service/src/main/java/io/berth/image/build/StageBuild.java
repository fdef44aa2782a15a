package io.berth.image.build;

import io.berth.dockerfile.BuildChecks;
import io.berth.dockerfile.DeclaredArgs;
import io.berth.dockerfile.Dockerfile;
import io.berth.dockerfile.DockerfileException;
import io.berth.dockerfile.Expansion;
import io.berth.dockerfile.Instruction;
import io.berth.dockerfile.KeyValue;
import io.berth.dockerfile.Stage;
import io.berth.oci.Digest;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Builds one stage: its instructions in order, each of which changes the files, the settings or the variables. Used once, by one
 * thread.
 */
final class StageBuild {
    private final BuildRun run;
    private final Stage stage;
    private final StageState state;
    private final Expansion expansion;
    private final BuildChecks.StageChecks checks;
    private final CopyStep copies;
    private final CommandStep commands;
    /** FROM was the first. */
    private int number = 1;

    private int filesNumber = 1;

    StageBuild(BuildRun run, Stage stage, StageState state, BuildChecks.StageChecks checks) {
        this.run = run;
        this.stage = stage;
        this.state = state;
        this.expansion = run.dockerfile().expansion();
        this.checks = checks;
        this.copies = new CopyStep(run, stage, state);
        this.commands = new CommandStep(run, stage, state);
    }

    /** @param triggers instructions that the base image has for those who begin with it */
    void build(List<String> triggers) throws IOException, InterruptedException {
        for (String trigger : triggers) {
            Instruction instruction = Dockerfile.parseInstruction(trigger);
            if (instruction instanceof Instruction.OnBuild) {
                throw new BuildFailure("ONBUILD is not allowed in an ONBUILD trigger");
            }
            step(instruction);
        }
        for (Instruction instruction : stage.instructions()) {
            step(instruction);
        }
    }

    private void step(Instruction instruction) throws IOException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("the build has ended");
        }
        number++;
        try {
            Expansion.Expanded<Instruction> expanded = expansion.instruction(instruction, state.scope());
            run.check(checks, expanded, state);
            apply(expanded.instruction());
        } catch (DockerfileException e) {
            throw new BuildFailure(String.valueOf(e.getMessage()), 0, instruction.lines(), e);
        } catch (BuildFailure e) {
            throw e.at(instruction.lines());
        }
    }

    private void apply(Instruction instruction) throws IOException, InterruptedException {
        ImageSettings settings = state.settings();
        switch (instruction) {
            case Instruction.Run command -> withFiles(instruction, step -> commands.run(command, step));
            case Instruction.Copy copy -> withFiles(instruction, step -> copies.copy(copy, step));
            case Instruction.Add add -> withFiles(instruction, step -> copies.add(add, step));
            case Instruction.Workdir workdir ->
                withFiles(instruction, step -> copies.workdir(settings.workingDir(workdir.path()), step));
            case Instruction.Arg arg -> {
                DeclaredArgs declared = state.scope().declare(arg);
                run.declared(checks, arg, declared, state);
                setting(
                        instruction,
                        "ARG "
                                + declared.args().stream()
                                        .map(DeclaredArgs.Declared::toString)
                                        .collect(Collectors.joining(" ")));
            }
            case Instruction.Env env -> {
                state.scope().set(env);
                setting(instruction, "ENV " + joined(env.pairs()));
            }
            case Instruction.Label label -> {
                settings.labels(label.pairs());
                setting(instruction, "LABEL " + joined(label.pairs()));
            }
            case Instruction.Cmd cmd -> {
                settings.cmd(cmd.command());
                setting(instruction, "CMD " + quoted(cmd.command().arguments(settings.shell())));
            }
            case Instruction.Entrypoint entrypoint -> {
                settings.entrypoint(entrypoint.command());
                setting(instruction, "ENTRYPOINT " + quoted(entrypoint.command().arguments(settings.shell())));
            }
            case Instruction.User user -> {
                settings.user(user.user());
                setting(instruction, "USER " + user.user());
            }
            case Instruction.Expose expose -> {
                List<String> ports = settings.expose(expose.ports());
                setting(
                        instruction,
                        ports.stream()
                                .sorted()
                                .map(port -> port + ":{}")
                                .collect(Collectors.joining(" ", "EXPOSE map[", "]")));
            }
            case Instruction.Volume volume -> {
                settings.volumes(volume.paths());
                setting(instruction, "VOLUME [" + String.join(" ", volume.paths()) + "]");
            }
            case Instruction.StopSignal stop -> {
                settings.stopSignal(stop.signal());
                setting(instruction, "STOPSIGNAL " + stop.signal());
            }
            case Instruction.Healthcheck check -> {
                settings.healthcheck(check);
                setting(instruction, "HEALTHCHECK " + health(check));
            }
            case Instruction.Shell shell -> {
                settings.shell(shell.shell());
                setting(instruction, "SHELL [" + String.join(" ", shell.shell()) + "]");
            }
            case Instruction.OnBuild onBuild -> {
                settings.onBuild(onBuild.trigger());
                begin(instruction, 0).done(state.key().shortHex()); // in no history, as with BuildKit
            }
            case Instruction.Maintainer maintainer -> {
                settings.author(maintainer.maintainer());
                setting(instruction, "MAINTAINER " + maintainer.maintainer());
            }
            case Instruction.From from -> throw new IllegalStateException("FROM begins a stage: " + from.source());
        }
    }

    /** A change of files, whose outcome is another layer. */
    @FunctionalInterface
    private interface FilesStep {
        void run(BuildListener.Progress progress) throws IOException, InterruptedException;
    }

    private void withFiles(Instruction instruction, FilesStep step) throws IOException, InterruptedException {
        filesNumber++;
        BuildListener.Progress progress = begin(instruction, filesNumber);
        try {
            step.run(progress);
            progress.done(state.key().shortHex());
        } catch (BuildFailure e) {
            progress.failed(e.text());
            throw e;
        } catch (IOException | RuntimeException e) {
            progress.failed(String.valueOf(e.getMessage()));
            throw e;
        } catch (InterruptedException e) {
            progress.failed("canceled");
            throw e;
        }
    }

    /** A change of settings, which is done. */
    private void setting(Instruction instruction, String createdBy) {
        state.settings().record(createdBy, true, null);
        begin(instruction, 0).done(state.key().shortHex());
    }

    private BuildListener.Progress begin(Instruction instruction, int files) {
        String text = expansion.display(instruction.source(), state.scope());
        Digest id = run.stepId(stage.index(), number);
        List<Digest> inputs = List.of(state.step());
        if (files > 0) {
            state.step(id);
        }
        return run.listener().begin(new BuildListener.Step(id, stage.index(), number, files, text, inputs));
    }

    private static String joined(List<KeyValue> pairs) {
        return pairs.stream().map(KeyValue::toString).collect(Collectors.joining(" "));
    }

    /** As Go's {@code %q} of a list. */
    private static String quoted(List<String> words) {
        return words.stream()
                .map(word ->
                        "\"" + word.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"")
                .collect(Collectors.joining(" ", "[", "]"));
    }

    /** As BuildKit shows it: Go's {@code %+q} of the configuration. */
    private static String health(Instruction.Healthcheck check) {
        return "&{" + quoted(check.test()) + " \"" + go(check.interval()) + "\" \"" + go(check.timeout()) + "\" \""
                + go(check.startPeriod()) + "\" \"" + go(check.startInterval()) + "\" '\\x"
                + String.format("%02x", check.retries()) + "'}";
    }

    /** A duration as Go writes it. */
    private static String go(java.time.Duration duration) {
        if (duration.isZero()) {
            return "0s";
        }
        StringBuilder text = new StringBuilder();
        if (duration.toHours() > 0) {
            text.append(duration.toHours()).append('h');
        }
        if (duration.toMinutes() > 0) {
            text.append(duration.toMinutesPart()).append('m');
        }
        String seconds = java.math.BigDecimal.valueOf(duration.toMillis() % 60_000, 3)
                .stripTrailingZeros()
                .toPlainString();
        return text.append(seconds).append('s').toString();
    }
}
