package io.berth.engine.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.docker.DockerJson;
import io.berth.docker.container.HostConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskedPathsTest {
    private static HostConfig host(String json) {
        return DockerJson.MAPPER.readValue(json, HostConfig.class);
    }

    /** GHSA-7ww5-4wqc-m92c and the like: what a processor's heat and power tell about others. */
    @Test
    void hideTheHeatOfEachProcessor(@TempDir Path cpus) throws IOException {
        Files.createDirectories(cpus.resolve("cpu0/thermal_throttle"));
        Files.createDirectories(cpus.resolve("cpu11/thermal_throttle"));
        Files.createDirectories(cpus.resolve("cpu2/cache"));
        Files.createDirectories(cpus.resolve("cpufreq/thermal_throttle"));
        assertThat(MaskedPaths.thermalPaths(cpus))
                .containsExactly(cpus + "/cpu0/thermal_throttle", cpus + "/cpu11/thermal_throttle");
        assertThat(MaskedPaths.thermalPaths(cpus.resolve("none"))).isEmpty();
    }

    @Test
    void areThoseAskedForUnlessThatIsTheDefault() {
        assertThat(MaskedPaths.of(host("{}")))
                .contains("/sys/devices/virtual/powercap", "/sys/firmware", "/proc/interrupts", "/proc/kcore")
                .containsAll(MaskedPaths.thermalPaths(Path.of("/sys/devices/system/cpu")));
        assertThat(MaskedPaths.of(host("{\"MaskedPaths\":[\"/proc/x\"]}"))).isEqualTo(List.of("/proc/x"));
        assertThat(MaskedPaths.of(host("{\"MaskedPaths\":[]}"))).isEmpty();
        assertThat(MaskedPaths.of(host("{\"Privileged\":true}"))).isEmpty();
    }
}
