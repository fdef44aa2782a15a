package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.kernel.ContainerProgram.KernelPaths.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the running kernel has below /proc and /sys. It is the same in every container, and does not change while the kernel
 * runs but for loaded modules, so answers are kept. Thread-safe.
 */
final class HostPaths {
    private final Map<String, Kind> known = new ConcurrentHashMap<>();

    /** Whether a path of a container is the kernel's own. */
    boolean covers(String path) {
        return path.startsWith("/proc/") || path.startsWith("/sys/");
    }

    Kind kind(String path) {
        return known.computeIfAbsent(path, HostPaths::look);
    }

    private static Kind look(String path) {
        Path file = Path.of(path);
        if (Files.isDirectory(file)) {
            return Kind.DIRECTORY;
        }
        return Files.exists(file) ? Kind.FILE : Kind.MISSING;
    }
}
