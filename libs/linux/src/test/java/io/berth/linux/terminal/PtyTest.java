package io.berth.linux.terminal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Fd;
import io.berth.linux.fd.OpenFlag;
import io.berth.linux.poll.FdChannel;
import io.berth.linux.poll.FdPoller;
import io.berth.linux.poll.Interest;
import io.berth.linux.terminal.Pty.WindowSize;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class PtyTest {
    @TempDir
    Path directory;

    @Test
    void passesBytesThroughTheLineDiscipline() throws Exception {
        try (FdPoller poller = FdPoller.start("test-poller");
                Pty pty = Pty.open();
                FdChannel master = new FdChannel(pty.master());
                FdChannel program = new FdChannel(pty.openPeer())) {
            assertThat(program.write(ByteBuffer.wrap("hello\n".getBytes(UTF_8))))
                    .isEqualTo(6);
            master.await(poller, Interest.READABLE);
            ByteBuffer buffer = ByteBuffer.allocate(64);
            assertThat(master.read(buffer)).isEqualTo(7);
            assertThat(UTF_8.decode(buffer.flip()).toString()).isEqualTo("hello\r\n");
            assertThat(master.read(ByteBuffer.allocate(1))).isZero();
            program.fd().close();
            assertThat(master.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
    }

    @Test
    void hasANumberAndASize() {
        try (Pty pty = Pty.open();
                var peer = pty.openPeer()) {
            assertThat(Path.of("/dev/pts/" + pty.number())).exists();
            pty.resize(new WindowSize(24, 65535));
            assertThat(pty.size()).isEqualTo(new WindowSize(24, 65535));
            assertThat(peer.isOpen()).isTrue();
        }
        assertThatThrownBy(() -> new WindowSize(65536, 0)).hasMessageContaining("expected: 0 to 65535");
    }

    @Test
    void opensAPipeOfAProcessAgain() throws Exception {
        int self = Math.toIntExact(ProcessHandle.current().pid());
        try (Pipe pipe = Pipe.open("output");
                FdChannel writer = new FdChannel(pipe.writer())) {
            assertThat(Files.readSymbolicLink(
                                    Path.of("/proc/self/fd/" + pipe.writer().value()))
                            .toString())
                    .startsWith("pipe:[");
            int number = pipe.writer().value();
            pipe.reader().close();
            try (FdChannel second = new FdChannel(Pipe.ofProcess(self, number, OpenFlag.WRITE))) {
                assertThatThrownBy(() -> second.write(ByteBuffer.wrap(new byte[1])))
                        .isInstanceOfSatisfying(
                                SyscallException.class,
                                e -> assertThat(e.errno()).isEqualTo(Errno.EPIPE));
            }
            try (FdChannel again = new FdChannel(Pipe.ofProcess(self, number, OpenFlag.READ))) {
                assertThat(again.read(ByteBuffer.allocate(8))).isZero();
                assertThat(writer.write(ByteBuffer.wrap(new byte[] {1, 2, 3}))).isEqualTo(3);
                assertThat(again.read(ByteBuffer.allocate(8))).isEqualTo(3);
            }
        }
    }

    @Test
    void keepsAPipeOpenWhileOneSideHoldsBothEnds() {
        Fd end;
        try (Pipe pipe = Pipe.open("input")) {
            end = Pipe.reopen(pipe.reader(), OpenFlag.READ_WRITE);
        }
        try (FdChannel both = new FdChannel(end)) {
            assertThat(both.read(ByteBuffer.allocate(8))).isZero();
        }
    }

    @Test
    void takesOnlyAPipeForOne() throws Exception {
        int self = Math.toIntExact(ProcessHandle.current().pid());
        Path file = Files.writeString(directory.resolve("file"), "");
        try (Fd open = Fd.open(file.toString(), "file", OpenFlag.READ)) {
            assertThatThrownBy(() -> Pipe.ofProcess(self, open.value(), OpenFlag.READ))
                    .hasMessageContaining("no pipe");
        }
        assertThatThrownBy(() -> Pipe.ofProcess(self, 1_000_000, OpenFlag.READ))
                .isInstanceOfSatisfying(
                        SyscallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
    }
}
