package io.berth.engine.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.host.Finding;
import io.berth.linux.host.Finding.Status;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostCheckMainTest {
    @Test
    void tellsEffectAndRemedyOfWhatIsMissing() {
        String report = HostCheckMain.report(List.of(
                new Finding("openat2", Status.OK, "present", "", ""),
                new Finding("overlay", Status.MISSING, "absent", "images cannot be mounted", "modprobe overlay")));
        assertThat(report)
                .contains("openat2: present\n", "absent -> images cannot be mounted -> modprobe overlay\n")
                .endsWith("containers cannot run here: 1 missing\n");
    }

    @Test
    void saysThatContainersRunWhereNothingIsMissing() {
        assertThat(HostCheckMain.report(List.of(
                        new Finding("openat2", Status.OK, "present", "", ""),
                        new Finding("limits", Status.DEGRADED, "low", "fewer files", "raise them"))))
                .endsWith("containers can run here, 1 degraded\n");
    }
}
