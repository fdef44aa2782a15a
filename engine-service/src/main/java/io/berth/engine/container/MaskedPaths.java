package io.berth.engine.container;

import io.berth.docker.container.HostConfig;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Which paths of the kernel's a container must not see. */
final class MaskedPaths {
    private static final Path CPUS = Path.of("/sys/devices/system/cpu");

    private MaskedPaths() {}

    /**
     * What the configuration names; to the default belongs the heat of each processor, which depends on the host (moby:
     * daemon/pkg/oci/defaults.go).
     */
    static List<String> of(HostConfig host) {
        List<String> configured = host.maskedPaths();
        if (configured == null || !configured.equals(HostConfig.DEFAULT_MASKED_PATHS)) {
            return configured == null ? List.of() : configured;
        }
        List<String> all = new ArrayList<>(configured);
        all.addAll(Thermal.PATHS);
        return all;
    }

    /** Processors come and go, but not so that a directory appears for one that never was there. */
    private static final class Thermal {
        static final List<String> PATHS = thermalPaths(CPUS);
    }

    /** The directories below that tell how hot each processor is, and so what others compute on it. */
    static List<String> thermalPaths(Path cpus) {
        List<String> paths = new ArrayList<>();
        try (DirectoryStream<Path> each = Files.newDirectoryStream(cpus, "cpu[0-9]*")) {
            for (Path cpu : each) {
                Path throttle = cpu.resolve("thermal_throttle");
                if (Files.isDirectory(throttle)) {
                    paths.add(throttle.toString());
                }
            }
        } catch (IOException e) {
            // Without the directory there is nothing to hide.
            return List.of();
        }
        Collections.sort(paths);
        return List.copyOf(paths);
    }
}
