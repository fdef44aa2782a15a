package io.berth.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.kernel.KernelTest;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

@KernelTest
class NetlinkKernelTest {
    private static final int CLONE_NEWNET = 0x40000000;
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0_2000000;

    /** A network namespace of its own, held by the descriptor alone. */
    private static Fd newNamespace(boolean upByIoctl) throws Exception {
        CompletableFuture<Fd> namespace = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try (NativeBuffer buffer = NativeBuffer.acquire()) {
                LibC.call(SyscallNumber.UNSHARE, "CLONE_NEWNET", CLONE_NEWNET);
                if (upByIoctl) {
                    long request = buffer.add(LinkRequests.interfaceUp("lo"));
                    long socket = LibC.call(SyscallNumber.SOCKET, "AF_INET", AF_INET, SOCK_DGRAM_CLOEXEC, 0);
                    LibC.call(SyscallNumber.IOCTL, "SIOCSIFFLAGS", socket, LinkRequests.SIOCSIFFLAGS, request);
                    LibC.call(SyscallNumber.CLOSE, "socket", socket);
                }
                long opened = LibC.call(
                        SyscallNumber.OPENAT, "ns", -100, buffer.addString("/proc/thread-self/ns/net"), 0_2000000);
                namespace.complete(Fd.own((int) opened, "new network namespace"));
            } catch (RuntimeException e) {
                namespace.completeExceptionally(e);
            }
        });
        thread.join();
        return namespace.get();
    }

    @Test
    void bringsLoopbackUpInAnotherNamespace() throws Exception {
        try (Fd namespace = newNamespace(false);
                NetlinkSocket socket = NetlinkSocket.openIn(namespace)) {
            Link before = socket.links().getFirst();
            assertThat(before.name()).isEqualTo("lo");
            assertThat(before.index()).isEqualTo(LinkRequests.LOOPBACK_INDEX);
            assertThat(before.isUp()).isFalse();
            socket.setUp(LinkRequests.LOOPBACK_INDEX);
            assertThat(socket.links().getFirst().isUp()).isTrue();
        }
        try (Directory proc = Directory.open(Path.of("/proc/self/ns"))) {
            assertThat(proc.list()).isNotEmpty();
        }
    }

    @Test
    void theInterfaceRequestDoesTheSame() throws Exception {
        try (Fd namespace = newNamespace(true);
                NetlinkSocket socket = NetlinkSocket.openIn(namespace)) {
            assertThat(socket.links().getFirst().isUp()).isTrue();
        }
    }
}
