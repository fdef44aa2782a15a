package io.berth.linux.keeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.kernel.KernelTest;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import io.berth.linux.launch.LaunchOptions;
import io.berth.linux.launch.LaunchProgram;
import io.berth.linux.launch.LaunchProgramBuilder;
import io.berth.linux.launch.Launcher;
import io.berth.linux.process.ExitStatus;
import io.berth.linux.process.Pidfd;
import io.berth.linux.terminal.Pipe;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

@KernelTest
class KeeperKernelTest {
    private static final int NUMBER = Keeper.FIRST_NUMBER + 36;

    @Test
    void keepsTheContentOfAPipeWhoseEndsAreAllClosedHere() throws Exception {
        try (Launcher launcher = Launcher.open();
                Keeper keeper = Keeper.start(launcher)) {
            try (Pipe pipe = Pipe.open("test")) {
                write(pipe.writer(), "still here");
                keeper.keep(NUMBER, List.of(pipe.reader()));
            }
            awaitKept(keeper, 1);
            assertThat(keeper.kept().get(NUMBER)).startsWith("pipe:[");
            try (Keeper found = Keeper.find(keeper.identity()).orElseThrow();
                    Fd copy = found.copy(NUMBER, "copy").orElseThrow()) {
                assertThat(read(copy)).isEqualTo("still here");
                found.drop(NUMBER, 1);
                awaitKept(found, 0);
                assertThat(found.copy(NUMBER, "copy")).isEmpty();
            } finally {
                keeper.end();
            }
        }
    }

    @Test
    void keepsHowAProcessEnded() throws Exception {
        try (Launcher launcher = Launcher.open();
                Keeper keeper = Keeper.start(launcher)) {
            LaunchProgramBuilder program = LaunchProgram.builder();
            program.process().exit(7);
            int pid;
            try (Pidfd child = launcher.launch(program.build(), LaunchOptions.inSameNamespaces())
                    .pidfd()) {
                pid = child.pid();
                keeper.keep(NUMBER, List.of(child.fd()));
                awaitKept(keeper, 1);
                Object _ = child.awaitExit();
            }
            try (Pidfd kept = Pidfd.own(keeper.copy(NUMBER, "pidfd").orElseThrow(), pid)) {
                assertThat(kept.exitStatus()).contains(new ExitStatus.Exited(7));
            } finally {
                keeper.end();
            }
        }
    }

    @Test
    void keepsManyFilesOfOneMessageInOrder() throws Exception {
        try (Launcher launcher = Launcher.open();
                Keeper keeper = Keeper.start(launcher);
                Pipe one = Pipe.open("one");
                Pipe two = Pipe.open("two")) {
            write(one.writer(), "1");
            write(two.writer(), "2");
            keeper.keep(NUMBER, List.of(one.reader(), two.reader(), one.writer()));
            awaitKept(keeper, 3);
            try (Fd copy = keeper.copy(NUMBER + 1, "copy").orElseThrow()) {
                assertThat(read(copy)).isEqualTo("2");
            } finally {
                keeper.end();
            }
        }
    }

    private static void awaitKept(Keeper keeper, int count) throws Exception {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (keeper.kept().size() != count) {
            assertThat(System.nanoTime()).as("kept: %s", keeper.kept()).isLessThan(deadline);
            Thread.sleep(1);
        }
    }

    private static void write(Fd fd, String text) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
            LibC.call(SyscallNumber.WRITE, "pipe", fd.value(), buffer.add(bytes), bytes.length);
        }
    }

    private static String read(Fd fd) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            int at = buffer.reserve(100);
            int count = (int) LibC.call(SyscallNumber.READ, "pipe", fd.value(), buffer.address() + at, 100);
            byte[] bytes = new byte[count];
            buffer.bytes().get(at, bytes);
            return new String(bytes, StandardCharsets.US_ASCII);
        }
    }
}
