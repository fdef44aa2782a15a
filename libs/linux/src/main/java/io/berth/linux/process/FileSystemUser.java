package io.berth.linux.process;

import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Work on files as another user, keeping this process's capabilities: what is made belongs to that user. In a mount that maps
 * owners only a user who has a place in the map can make anything (EOVERFLOW for others).
 */
public final class FileSystemUser {
    private static final int CAPABILITY_VERSION_3 = 0x20080522;

    private FileSystemUser() {}

    /**
     * Does the work on a platform thread made for it, since the kernel keeps these ids per thread.
     *
     * @param uid unsigned 32 bits
     * @param gid unsigned 32 bits
     * @param work must not start threads that outlive it, which would be that user too
     */
    public static <T> T call(long uid, long gid, Supplier<T> work) {
        var result = new CompletableFuture<T>();
        Thread.ofPlatform().name("as-user-" + uid).daemon().start(() -> {
            try {
                become(uid, gid);
                result.complete(work.get());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw e;
            }
        }
    }

    private static void become(long uid, long gid) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            // struct __user_cap_header_struct {version, pid}, then twice {effective, permitted, inheritable}
            int header = buffer.reserve(8);
            int data = buffer.reserve(24);
            ByteBuffer bytes = buffer.bytes();
            bytes.putInt(header, CAPABILITY_VERSION_3);
            LibC.call(SyscallNumber.CAPGET, "", buffer.address() + header, buffer.address() + data);
            LibC.call(SyscallNumber.SETFSGID, Long.toString(gid), gid);
            LibC.call(SyscallNumber.SETFSUID, Long.toString(uid), uid);
            // Leaving uid 0 took the capabilities over files out of the effective set (capabilities(7)).
            LibC.call(SyscallNumber.CAPSET, "", buffer.address() + header, buffer.address() + data);
        }
    }
}
