package io.berth.linux.mount;

import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Resolution;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * Puts mounts onto each other without any mount namespace of the host seeing it.
 *
 * <p>Kernels before 6.15 attach mounts only to what is attached in the caller's own namespace. So a thread made for this takes
 * a mount namespace of its own, attaches there, and hands out a clone of the whole tree; the namespace goes with the
 * thread.
 */
public final class MountTree {
    private static final int CLONE_NEWNS = 0x00020000;

    private MountTree() {}

    /**
     * Assembles a tree.
     *
     * @param root what everything else is below; stays the caller's to close
     * @param attachPoint an existing directory of the host, which stays as it is
     * @param attach attaches to the open root it is given ({@link DetachedMount#attachTo}), on a thread of its own; it must
     *     not start others
     * @return the tree, held by its descriptor alone: closing it unmounts all of it. It has no propagation.
     */
    public static DetachedMount assemble(DetachedMount root, Path attachPoint, Consumer<Directory> attach) {
        CompletableFuture<DetachedMount> result = new CompletableFuture<>();
        // Never pooled: its mount namespace is not the process's any more.
        Thread.ofPlatform().name("mount-tree").daemon().start(() -> {
            try {
                result.complete(assembleHere(root, attachPoint, attach));
            } catch (RuntimeException | Error e) {
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

    private static DetachedMount assembleHere(DetachedMount root, Path attachPoint, Consumer<Directory> attach) {
        LibC.call(SyscallNumber.UNSHARE, "CLONE_NEWNS", CLONE_NEWNS);
        // Else what is attached here would be attached on the host too.
        long flags = MountFlag.bits(Set.of(MountFlag.SLAVE, MountFlag.RECURSIVE));
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            LibC.call(
                    SyscallNumber.MOUNT,
                    "/ as slave",
                    buffer.addString("none"),
                    buffer.addString("/"),
                    buffer.addString(""),
                    flags,
                    0);
        }
        root.attachTo(attachPoint);
        try (Directory directory = Directory.own(root.fd().duplicate(), Resolution.IN_ROOT)) {
            attach.accept(directory);
        }
        DetachedMount tree = DetachedMount.cloneOf(root.fd(), true);
        try {
            tree.setPropagation(Propagation.PRIVATE, true);
            return tree;
        } catch (RuntimeException e) {
            tree.close();
            throw e;
        }
    }
}
