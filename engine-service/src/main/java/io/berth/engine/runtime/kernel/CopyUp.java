package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.LaunchFailure;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import io.berth.linux.fd.TreeCopy;
import io.berth.linux.mount.DetachedMount;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fills a new volume with what an image has where it is first mounted.
 *
 * <p>The image is read through a mount of its own that is attached nowhere, so a link in it leads only into the image
 * (CVE-2021-43816) and nobody can change it meanwhile. The volume may be in use by a container: in it no link is followed.
 *
 * @param layers bottom first
 */
record CopyUp(List<Path> layers, Path emptyLayer) {
    CopyUp {
        layers = List.copyOf(layers);
    }

    void copy(String path, Path volume) {
        try (Directory target = Directory.open(volume)) {
            if (!target.list().isEmpty()) {
                return;
            }
            try (DetachedMount image = ImageLayers.mount(layers, emptyLayer);
                    Directory root = image.openRoot()) {
                copy(root, path, target);
            }
        } catch (SyscallException e) {
            throw new LaunchFailure(
                    LaunchFailure.Kind.SYSTEM,
                    "cannot copy the image's " + path + " to its volume: " + e.getMessage(),
                    e);
        }
    }

    private static void copy(Directory root, String path, Directory target) {
        try (@Nullable Directory source = open(root, path)) {
            if (source == null) {
                return;
            }
            try {
                TreeCopy.copy(source, target);
            } catch (SyscallException e) {
                for (DirectoryEntry entry : target.list()) {
                    target.deleteRecursively(entry.name());
                }
                throw e;
            }
        }
    }

    private static @Nullable Directory open(Directory root, String path) {
        try {
            return root.openDirectory(path);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            if (e.errno() == Errno.ENOTDIR) {
                throw new LaunchFailure(
                        LaunchFailure.Kind.SYSTEM, "cannot mount volume over existing file, file exists " + path, e);
            }
            throw e;
        }
    }
}
