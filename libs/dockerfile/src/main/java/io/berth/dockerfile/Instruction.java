package io.berth.dockerfile;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An instruction of a Dockerfile. What variables stand for is not filled in: {@link Expansion} gives the same kind of instruction
 * with their values.
 */
public sealed interface Instruction {
    /** As it stands in the file. */
    InstructionSource at();

    /** Its text: continuation lines joined, here-documents left out. */
    default String source() {
        return at().text();
    }

    /** Where it stands. */
    default Lines lines() {
        return at().lines();
    }

    /** Its name in capitals. */
    default String name() {
        return at().keyword().toUpperCase(Locale.ROOT);
    }

    /**
     * ADD.
     *
     * @param chown {@code user[:group]}, null for root
     * @param chmod octal or symbolic, null to keep
     * @param checksum {@code sha256:…} or a commit, null when not to be checked
     * @param unpack null: archives of the context are unpacked, others are not
     * @param excludes patterns of files left out
     */
    record Add(
            InstructionSource at,
            CopyFiles files,
            @Nullable String chown,
            @Nullable String chmod,
            boolean link,
            boolean keepGitDir,
            @Nullable String checksum,
            @Nullable Boolean unpack,
            List<String> excludes)
            implements Instruction {
        public Add {
            excludes = List.copyOf(excludes);
        }
    }

    /** ARG. */
    record Arg(InstructionSource at, List<ArgDefinition> definitions) implements Instruction {
        public Arg {
            definitions = List.copyOf(definitions);
        }
    }

    /** CMD. */
    record Cmd(InstructionSource at, CommandLine command) implements Instruction {}

    /**
     * COPY.
     *
     * @param from a stage, the number of a stage, a named context or an image; null for the context
     * @param chown {@code user[:group]}, null for root
     * @param chmod octal or symbolic, null to keep
     * @param parents whether the directories of the sources are kept
     * @param excludes patterns of files left out
     */
    record Copy(
            InstructionSource at,
            CopyFiles files,
            @Nullable String from,
            @Nullable String chown,
            @Nullable String chmod,
            boolean link,
            boolean parents,
            List<String> excludes)
            implements Instruction {
        public Copy {
            excludes = List.copyOf(excludes);
        }
    }

    /** ENTRYPOINT. */
    record Entrypoint(InstructionSource at, CommandLine command) implements Instruction {}

    /** ENV. */
    record Env(InstructionSource at, List<KeyValue> pairs) implements Instruction {
        public Env {
            pairs = List.copyOf(pairs);
        }
    }

    /**
     * EXPOSE.
     *
     * @param ports words as written, sorted; {@link ExposedPorts} reads them
     */
    record Expose(InstructionSource at, List<String> ports) implements Instruction {
        public Expose {
            ports = List.copyOf(ports);
        }
    }

    /**
     * FROM.
     *
     * @param base a stage, an image, a named context or {@code scratch}
     * @param stageName in lower case, null when it has none
     * @param platform null when not given
     * @param description from the comment before it, {@code # stage description}; empty when there is none
     */
    record From(
            InstructionSource at,
            String base,
            @Nullable String stageName,
            @Nullable String platform,
            String description)
            implements Instruction {}

    /**
     * HEALTHCHECK.
     *
     * @param test {@code ["NONE"]}, {@code ["CMD", …]} or {@code ["CMD-SHELL", text]}
     * @param interval zero when not given, as all times
     * @param retries 0 when not given
     */
    record Healthcheck(
            InstructionSource at,
            List<String> test,
            Duration interval,
            Duration timeout,
            Duration startPeriod,
            Duration startInterval,
            int retries)
            implements Instruction {
        public Healthcheck {
            test = List.copyOf(test);
        }
    }

    /** LABEL. */
    record Label(InstructionSource at, List<KeyValue> pairs) implements Instruction {
        public Label {
            pairs = List.copyOf(pairs);
        }
    }

    /** MAINTAINER. */
    record Maintainer(InstructionSource at, String maintainer) implements Instruction {}

    /**
     * ONBUILD.
     *
     * @param trigger the instruction as an image's configuration keeps it, here-documents included
     */
    record OnBuild(InstructionSource at, String trigger) implements Instruction {}

    /**
     * RUN.
     *
     * @param mountFlags values of {@code --mount} as written; {@link RunMount#of} reads them
     * @param devices of {@code --device}, in order
     */
    record Run(
            InstructionSource at,
            CommandLine command,
            List<String> mountFlags,
            List<RunDevice> devices,
            RunNetwork network,
            RunSecurity security)
            implements Instruction {
        public Run {
            mountFlags = List.copyOf(mountFlags);
            devices = List.copyOf(devices);
        }
    }

    /** SHELL. */
    record Shell(InstructionSource at, List<String> shell) implements Instruction {
        public Shell {
            shell = List.copyOf(shell);
        }
    }

    /** STOPSIGNAL. */
    record StopSignal(InstructionSource at, String signal) implements Instruction {}

    /** USER. */
    record User(InstructionSource at, String user) implements Instruction {}

    /** VOLUME. */
    record Volume(InstructionSource at, List<String> paths) implements Instruction {
        public Volume {
            paths = List.copyOf(paths);
        }
    }

    /** WORKDIR. */
    record Workdir(InstructionSource at, String path) implements Instruction {}
}
