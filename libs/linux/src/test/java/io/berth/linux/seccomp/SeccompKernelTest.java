package io.berth.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.kernel.KernelTest;
import io.berth.linux.Errno;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.capability.CapabilitySet;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Loads the default filter for real, on a thread that is thrown away: other threads of this JVM keep no filter. */
@KernelTest
class SeccompKernelTest {
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int SECCOMP_SET_MODE_FILTER = 1;
    private static final int CLONE_NEWUTS = 0x04000000;
    private static final int AF_ALG = 38;
    private static final int AF_UNIX = 1;

    private record Outcome(long loaded, long unshare, long algorithm, long widened, long plain) {}

    @Test
    void refusedCallsGiveEpermAndOthersWork() throws Exception {
        SeccompFilter filter =
                SeccompCompiler.ofThisMachine().compile(ProfileJson.dockerDefault(), CapabilitySet.DOCKER_DEFAULT);
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> outcome.complete(loadAndTry(filter)));
        Outcome seen = outcome.get();
        thread.join();

        assertThat(seen.loaded).isZero();
        assertThat(seen.unshare).isEqualTo(-Errno.EPERM);
        assertThat(seen.algorithm).isEqualTo(-Errno.EPERM);
        assertThat(seen.widened).isEqualTo(-Errno.EPERM);
        assertThat(seen.plain).isPositive();
    }

    private static Outcome loadAndTry(SeccompFilter filter) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            long code = buffer.add(filter.encode());
            int program = buffer.reserve(16);
            buffer.bytes().putShort(program, (short) filter.instructions().size());
            buffer.bytes().putLong(program + 8, code);
            long noNewPrivileges = LibC.callRaw(SyscallNumber.PRCTL, PR_SET_NO_NEW_PRIVS, 1);
            long started = System.nanoTime();
            long loaded = noNewPrivileges != 0
                    ? noNewPrivileges
                    : LibC.callRaw(
                            SyscallNumber.SECCOMP, SECCOMP_SET_MODE_FILTER, filter.flags(), buffer.address() + program);
            assertThat(System.nanoTime() - started).isLessThan(1_000_000_000L);
            long plain = LibC.callRaw(SyscallNumber.SOCKET, AF_UNIX, 0_2000001, 0);
            if (plain > 0) {
                LibC.callRaw(SyscallNumber.CLOSE, plain);
            }
            return new Outcome(
                    loaded,
                    LibC.callRaw(SyscallNumber.UNSHARE, CLONE_NEWUTS),
                    LibC.callRaw(SyscallNumber.SOCKET, AF_ALG, 5, 0),
                    LibC.callRaw(SyscallNumber.SOCKET, AF_ALG | (1L << 32), 5, 0),
                    plain);
        }
    }
}
