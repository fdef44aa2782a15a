package io.berth.engine.runtime.kernel;

import io.berth.linux.SyscallException;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.Architecture;
import io.berth.linux.jna.SyscallNumber;
import io.berth.linux.launch.Argument;
import io.berth.linux.launch.Blob;
import io.berth.linux.launch.FdArgument;
import io.berth.linux.launch.LaunchOptions;
import io.berth.linux.launch.LaunchProgram;
import io.berth.linux.launch.LaunchProgramBuilder;
import io.berth.linux.launch.Launched;
import io.berth.linux.launch.Launcher;
import io.berth.linux.process.Pidfd;
import io.berth.linux.process.ProcessIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Keeps a container's terminal open when the engine dies.
 *
 * <p>Processes on a terminal get SIGHUP when its master side is closed, so a container with a terminal would not outlive
 * the engine. A keeper is a process that holds the master and otherwise sleeps: an executable of about 150 bytes that
 * exists only in memory, some 20 KiB of kernel memory while it runs. A new engine takes the master from it again
 * (pidfd_getfd(2)). Only containers with a terminal have one; it is killed when the container has ended.
 */
final class TerminalKeeper {
    private static final int KEPT_DESCRIPTOR = 3;
    private static final int MFD_CLOEXEC = 1;
    private static final int SIGKILL = 9;
    private static final String RECORD = "terminal-keeper";

    private static final int ELF_HEADER_SIZE = 64;
    private static final int PROGRAM_HEADER_SIZE = 56;
    private static final long LOAD_ADDRESS = 0x400000;

    private TerminalKeeper() {}

    /** Starts a keeper and records it in the container's directory, durably enough for a killed engine. */
    static void start(Launcher launcher, Fd master, Path containerDirectory) {
        Launched keeper = launcher.launch(program(FdArgument.of(master)), LaunchOptions.inSameNamespaces());
        try (Pidfd pidfd = keeper.pidfd()) {
            ProcessIdentity identity = pidfd.identity()
                    .orElseThrow(() -> new IllegalStateException("terminal keeper " + keeper.pid() + " ended at once"));
            try {
                Files.writeString(
                        containerDirectory.resolve(RECORD), identity.pid() + " " + identity.startTimeTicks() + "\n");
            } catch (IOException e) {
                pidfd.sendSignal(SIGKILL);
                pidfd.awaitExit();
                throw new UncheckedIOException("cannot record the terminal keeper", e);
            }
        }
    }

    /** Takes the master side from the container's keeper, or nothing when it has none that lives. */
    static Optional<Fd> recover(Path containerDirectory) {
        Optional<Pidfd> keeper = find(containerDirectory);
        if (keeper.isEmpty()) {
            return Optional.empty();
        }
        try (Pidfd pidfd = keeper.get()) {
            return Optional.of(pidfd.copyDescriptor(KEPT_DESCRIPTOR, "terminal"));
        } catch (SyscallException e) {
            return Optional.empty();
        }
    }

    /** Ends the container's keeper, if it has one. */
    static void stop(Path containerDirectory) {
        find(containerDirectory).ifPresent(keeper -> {
            try (keeper) {
                keeper.sendSignal(SIGKILL);
                // A child of this engine has to be reaped; another engine's has been adopted by init.
                awaitEnd(keeper);
            }
        });
        try {
            Files.deleteIfExists(containerDirectory.resolve(RECORD));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete the record of the terminal keeper", e);
        }
    }

    private static void awaitEnd(Pidfd keeper) {
        try {
            keeper.awaitExit();
        } catch (SyscallException e) {
            if (e.errno() != io.berth.linux.Errno.ECHILD) {
                throw e;
            }
        }
    }

    private static Optional<Pidfd> find(Path containerDirectory) {
        try {
            String[] fields =
                    Files.readString(containerDirectory.resolve(RECORD)).strip().split(" ");
            return fields.length == 2
                    ? Pidfd.open(new ProcessIdentity(Integer.parseInt(fields[0]), Long.parseLong(fields[1])))
                    : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static LaunchProgram program(FdArgument master) {
        LaunchProgramBuilder program = LaunchProgram.builder();
        program.process().setsid();
        program.files().chdir("/");
        byte[] executable = executable(Architecture.CURRENT);
        FdArgument file = program.named("make the keeper's file")
                .call(SyscallNumber.MEMFD_CREATE, Argument.of("berth-terminal-keeper"), Argument.of(MFD_CLOEXEC));
        program.named("write the keeper")
                .call(
                        SyscallNumber.WRITE,
                        file,
                        new Argument.Structure(Blob.of("keeper", executable)),
                        Argument.of(executable.length));
        // The file may have the very number that is to be the master's.
        FdArgument safe = program.named("move the keeper's file")
                .call(SyscallNumber.FCNTL, file, Argument.of(F_DUPFD_CLOEXEC), Argument.of(KEPT_DESCRIPTOR + 1));
        FdArgument safeMaster = program.named("move the terminal")
                .call(SyscallNumber.FCNTL, master, Argument.of(F_DUPFD_CLOEXEC), Argument.of(KEPT_DESCRIPTOR + 1));
        program.files().closeOnExecFrom(0);
        program.files().dup3(safeMaster, KEPT_DESCRIPTOR, 0);
        program.process().resetSignals();
        program.process().execveat(safe, List.of("berth-terminal-keeper"), List.of());
        return program.build();
    }

    private static final int F_DUPFD_CLOEXEC = 1030;

    /** A static ELF executable whose only instruction sequence is {@code for (;;) ppoll(NULL, 0, NULL, NULL);}. */
    static byte[] executable(Architecture architecture) {
        byte[] code = code(architecture);
        int size = ELF_HEADER_SIZE + PROGRAM_HEADER_SIZE + code.length;
        ByteBuffer elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0); // 64-bit, little-endian, version 1
        elf.putShort((short) 2); // ET_EXEC
        elf.putShort((short) (architecture == Architecture.X86_64 ? 62 : 183)); // EM_X86_64, EM_AARCH64
        elf.putInt(1);
        elf.putLong(LOAD_ADDRESS + ELF_HEADER_SIZE + PROGRAM_HEADER_SIZE); // entry point
        elf.putLong(ELF_HEADER_SIZE).putLong(0).putInt(0); // program headers, no section headers, no flags
        elf.putShort((short) ELF_HEADER_SIZE)
                .putShort((short) PROGRAM_HEADER_SIZE)
                .putShort((short) 1);
        elf.putShort((short) 0).putShort((short) 0).putShort((short) 0);
        elf.putInt(1).putInt(5); // PT_LOAD, readable and executable
        elf.putLong(0).putLong(LOAD_ADDRESS).putLong(LOAD_ADDRESS);
        elf.putLong(size).putLong(size).putLong(0x1000);
        elf.put(code);
        return elf.array();
    }

    private static byte[] code(Architecture architecture) {
        return switch (architecture) {
            case X86_64 ->
                bytes(
                        // 0: mov eax, 271 (ppoll)
                        0xb8,
                        0x0f,
                        0x01,
                        0x00,
                        0x00,
                        // 5: xor edi, edi; xor esi, esi; xor edx, edx; xor r10d, r10d
                        0x31,
                        0xff,
                        0x31,
                        0xf6,
                        0x31,
                        0xd2,
                        0x45,
                        0x31,
                        0xd2,
                        // 14: syscall; jmp 0
                        0x0f,
                        0x05,
                        0xeb,
                        0xee);
            case AARCH64 ->
                words(
                        0xd2800928, // mov x8, #73 (ppoll)
                        0xd2800000, // mov x0, #0
                        0xd2800001, // mov x1, #0
                        0xd2800002, // mov x2, #0
                        0xd2800003, // mov x3, #0
                        0xd4000001, // svc #0
                        0x17fffffa); // b to the first
        };
    }

    private static byte[] bytes(int... values) {
        ByteBuffer code = ByteBuffer.allocate(values.length);
        for (int value : values) {
            code.put((byte) value);
        }
        return code.array();
    }

    private static byte[] words(int... instructions) {
        ByteBuffer code =
                ByteBuffer.allocate(instructions.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int instruction : instructions) {
            code.putInt(instruction);
        }
        return code.array();
    }
}
