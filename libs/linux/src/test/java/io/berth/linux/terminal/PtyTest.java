package io.berth.linux.terminal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
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
    void keepsAFifoOpenWhileOneSideHoldsBothEnds() {
        Path path = directory.resolve("stdout");
        Fifo.create(path);
        assertThatThrownBy(() -> Fifo.create(path))
                .isInstanceOfSatisfying(
                        SyscallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST));
        assertThatThrownBy(() -> Fifo.openWriter(path))
                .isInstanceOfSatisfying(
                        SyscallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENXIO));
        try (FdChannel container = new FdChannel(Fifo.openBoth(path))) {
            try (FdChannel engine = new FdChannel(Fifo.openReader(path))) {
                assertThat(engine.read(ByteBuffer.allocate(8))).isZero();
            }
            // The engine is away: output waits.
            assertThat(container.write(ByteBuffer.wrap(new byte[] {1, 2, 3}))).isEqualTo(3);
            try (FdChannel engine = new FdChannel(Fifo.openReader(path))) {
                assertThat(engine.read(ByteBuffer.allocate(8))).isEqualTo(3);
                container.fd().close();
                assertThat(engine.read(ByteBuffer.allocate(8))).isEqualTo(-1);
            }
        }
    }

    @Test
    void takesOnlyAFifoForOne() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> Fifo.openReader(file)).hasMessageContaining("no FIFO");
        Path fifo = directory.resolve("fifo");
        Fifo.create(fifo);
        Path link = Files.createSymbolicLink(directory.resolve("link"), fifo);
        assertThatThrownBy(() -> Fifo.openReader(link)).hasMessageContaining("ELOOP");
    }
}
