package io.berth.linux.launch;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeArena;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.poll.FdChannel;
import io.berth.linux.poll.FdPoller;
import io.berth.linux.process.ExitStatus;
import io.berth.linux.terminal.Pipe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Busybox as the program of launch tests, and what /proc says of it. */
public final class Payload {
    public static final Set<Namespace> CONTAINER =
            Set.of(Namespace.MOUNT, Namespace.UTS, Namespace.IPC, Namespace.PID, Namespace.NETWORK, Namespace.CGROUP);

    private static final int SIGKILL = 9;
    private static final int SIG_IGN = 1;
    private static final int O_RDWR_CLOEXEC = 0x80002;

    private final Launcher launcher;

    public Payload(Launcher launcher) {
        this.launcher = launcher;
    }

    /** Ends a program in the way that every one of the engine's does. */
    public static LaunchProgram finish(LaunchProgramBuilder builder, String... command) {
        builder.process().resetSignals();
        builder.files().closeOnExecFrom(3);
        builder.process().execve("/bin/busybox", List.of(command), List.of("PATH=/bin"));
        return builder.build();
    }

    /** The same for a program that enters the pid namespace it is to join. */
    public static LaunchProgram finishEntering(LaunchProgramBuilder builder, String... command) {
        builder.process().resetSignals();
        builder.files().closeFrom(3, List.of());
        builder.process().enterPidNamespace();
        builder.process().execve("/bin/busybox", List.of(command), List.of("PATH=/bin"));
        return builder.build();
    }

    public static LaunchProgram busybox(String... command) {
        return finish(quiet(LaunchProgram.builder()), command);
    }

    /** The test runner talks to its JVM by standard output: programs must not. */
    private static LaunchProgramBuilder quiet(LaunchProgramBuilder builder) {
        FdArgument nothing = builder.files().openat(FdArgument.CWD, "/dev/null", O_RDWR_CLOEXEC, 0);
        for (int standard = 0; standard <= 2; standard++) {
            builder.files().dup3(nothing, standard, 0);
        }
        return builder;
    }

    public ExitStatus run(String... command) {
        return run(LaunchOptions.inSameNamespaces(), command);
    }

    public ExitStatus run(LaunchOptions options, String... command) {
        return run(busybox(command), options);
    }

    public ExitStatus run(LaunchProgram program, LaunchOptions options) {
        try (var pidfd = launcher.launch(program, options).pidfd()) {
            return pidfd.awaitExit();
        }
    }

    /** Everything the program writes to the pipe. */
    public String output(Pipe pipe, LaunchProgram program, LaunchOptions options) throws IOException {
        try (FdPoller poller = FdPoller.start("output");
                var in = new FdChannel(pipe.reader()).inputStream(poller);
                var pidfd = launcher.launch(program, options).pidfd()) {
            pipe.writer().close();
            String output = new String(in.readAllBytes(), UTF_8);
            pidfd.awaitExit();
            return output;
        }
    }

    public Running start(LaunchOptions options) {
        return start(LaunchProgram.builder(), options);
    }

    /** A program that sleeps until it is closed. */
    public Running start(LaunchProgramBuilder builder, LaunchOptions options) {
        LaunchProgramBuilder quiet = quiet(builder);
        LaunchProgram program = options.joinPidNamespace().isPresent()
                ? finishEntering(quiet, "sleep", "1000")
                : finish(quiet, "sleep", "1000");
        return new Running(launcher.launch(program, options));
    }

    /** A running process; closing kills and reaps it. */
    public record Running(Launched launched) implements AutoCloseable {
        public Path path(String file) {
            return Path.of("/proc/" + launched.pid() + "/" + file);
        }

        public String status(String field) throws IOException {
            return Payload.status(path("status"), field);
        }

        public List<String> list(String directory) throws IOException {
            try (Stream<Path> entries = Files.list(path(directory))) {
                return entries.map(entry -> String.valueOf(entry.getFileName())).toList();
            }
        }

        @Override
        public void close() {
            try (var pidfd = launched.pidfd()) {
                pidfd.sendSignal(SIGKILL);
                pidfd.awaitExit();
            }
        }
    }

    /** A field of a status file, without the blanks around it. */
    public static String status(Path file, String field) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1).strip())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + field + " in " + file));
    }

    /** Work that may fail. */
    public interface Work {
        void run() throws Exception;
    }

    /** Runs work while this process ignores a signal, as it may have inherited. */
    public static void ignoring(int signal, Work work) throws Exception {
        try (NativeArena actions = NativeArena.map(128)) {
            actions.view().putLong(0, SIG_IGN);
            LibC.call(SyscallNumber.RT_SIGACTION, "ignore", signal, actions.address(0), actions.address(64), 8);
            try {
                work.run();
            } finally {
                LibC.call(SyscallNumber.RT_SIGACTION, "restore", signal, actions.address(64), 0, 8);
            }
        }
    }

    /** Classic BPF from its instructions: code, jump if true, jump if false, constant. */
    public static byte[] bpf(int... words) {
        ByteBuffer code = ByteBuffer.allocate(words.length * 2).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < words.length; i += 4) {
            code.putShort((short) words[i])
                    .put((byte) words[i + 1])
                    .put((byte) words[i + 2])
                    .putInt(words[i + 3]);
        }
        return code.array();
    }
}
