package io.berth.linux.mount;

import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The overlay for kernels before 6.7, where all lower layers are one option of mount(2), whose options together are at
 * most one page.
 *
 * <p>mount(2) attaches, so a thread made for this takes a mount namespace of its own, mounts there and hands out a clone
 * of the mount; the namespace goes with the thread. Layers are opened in that namespace, because the kernel takes them
 * only from the caller's own, and named {@code /proc/self/fd/<n>}, which is short whatever their paths are.
 */
final class LegacyOverlay {
    private static final int CLONE_NEWNS = 0x00020000;
    private static final int MAX_OPTIONS = 4095;

    private final OverlayMount overlay;

    LegacyOverlay(OverlayMount overlay) {
        this.overlay = overlay;
    }

    DetachedMount mountDetached(Set<MountAttribute> attributes) {
        CompletableFuture<DetachedMount> result = new CompletableFuture<>();
        // Never pooled: its mount namespace is not the process's any more.
        Thread.ofPlatform().name("overlay-mount").start(() -> {
            try {
                result.complete(mountInOwnNamespace(attributes));
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof SyscallException failure) {
                throw new SyscallException(failure.call(), failure.subject(), failure.errno());
            }
            throw e;
        }
    }

    private DetachedMount mountInOwnNamespace(Set<MountAttribute> attributes) {
        LibC.call(SyscallNumber.UNSHARE, "CLONE_NEWNS", CLONE_NEWNS);
        mount("none", "/", "", MountFlag.bits(Set.of(MountFlag.SLAVE, MountFlag.RECURSIVE)), "");
        List<Directory> opened = new ArrayList<>();
        try {
            StringBuilder lower = new StringBuilder("lowerdir=");
            for (Path layer : overlay.lowerLayers()) {
                lower.append(opened.isEmpty() ? "" : ":").append(name(layer, opened));
            }
            StringBuilder options = new StringBuilder(lower);
            if (overlay.upper() != null && overlay.work() != null) {
                options.append(",upperdir=").append(name(overlay.upper(), opened));
                options.append(",workdir=").append(name(overlay.work(), opened));
            }
            OverlayMount.FIXED.forEach(parameter -> options.append(',').append(parameter));
            overlay.options().forEach(option -> options.append(',').append(option.parameter()));
            if (options.length() > MAX_OPTIONS) {
                throw new SyscallException(
                        "mount", "overlay of " + overlay.lowerLayers().size() + " layers", Errno.E2BIG);
            }
            Path target = overlay.lowerLayers().getFirst();
            mount("overlay", target.toString(), "overlay", 0, options.toString());
            DetachedMount mounted = DetachedMount.cloneOf(target, false);
            try {
                mounted.setAttributes(attributes, Set.of(), false);
                return mounted;
            } catch (SyscallException e) {
                mounted.close();
                throw e;
            }
        } finally {
            opened.forEach(Directory::close);
        }
    }

    private static String name(Path layer, List<Directory> opened) {
        Directory directory = Directory.open(layer);
        opened.add(directory);
        Fd fd = directory.fd();
        return "/proc/self/fd/" + fd.value();
    }

    private static void mount(String source, String target, String type, long flags, String options) {
        try (NativeBuffer buffer = NativeBuffer.acquire()) {
            LibC.call(
                    SyscallNumber.MOUNT,
                    type + " on " + target,
                    buffer.addString(source),
                    buffer.addString(target),
                    buffer.addString(type),
                    flags,
                    options.isEmpty() ? 0 : buffer.addString(options));
        }
    }
}
