package io.berth.engine.runtime.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * What Docker has between an image and a container's writable layer (moby: daemon/initlayer/setup_unix.go): the places where
 * the engine mounts its own. Here it is one directory for all containers, below the image's layers, so that the image's own
 * files come before these and nothing is made, copied or removed for a container that only starts.
 *
 * @param path of the layer; nothing writes to it
 */
record InitLayer(Path path) {
    private static final List<String> DIRECTORIES = List.of("dev", "dev/pts", "dev/shm", "etc", "proc", "sys");
    private static final List<String> FILES =
            List.of(".dockerenv", "dev/console", "etc/hostname", "etc/hosts", "etc/resolv.conf");

    /** Makes what is missing of it. */
    static InitLayer open(Path dataDirectory) {
        Path layer = dataDirectory.resolve("init-layer");
        try {
            directory(layer);
            for (String name : DIRECTORIES) {
                directory(layer.resolve(name));
            }
            for (String name : FILES) {
                Path file = layer.resolve(name);
                if (!Files.exists(file)) {
                    readable(Files.createFile(file));
                }
            }
            Path mounts = layer.resolve("etc/mtab");
            if (!Files.isSymbolicLink(mounts)) {
                Files.createSymbolicLink(mounts, Path.of("/proc/mounts"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + layer, e);
        }
        return new InitLayer(layer);
    }

    private static void directory(Path directory) throws IOException {
        readable(Files.createDirectories(directory));
    }

    /** Whatever the umask: the container's users see these. */
    private static void readable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
