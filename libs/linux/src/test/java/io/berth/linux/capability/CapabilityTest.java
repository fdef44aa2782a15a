package io.berth.linux.capability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.launch.NativeTools;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CapabilityTest {
    @Test
    void numbersAreTheHeaders(@TempDir Path directory) throws Exception {
        Map<String, Long> expected = new LinkedHashMap<>();
        for (Capability capability : Capability.values()) {
            expected.put(capability.name(), (long) capability.number());
        }
        NativeTools.compareWithC(directory, List.of("<linux/capability.h>"), expected);
    }

    @Test
    void namesAreReadAsDockerReadsThem() {
        assertThat(Capability.parse("net_admin")).isEqualTo(Capability.CAP_NET_ADMIN);
        assertThat(Capability.parse("CAP_NET_ADMIN")).isEqualTo(Capability.CAP_NET_ADMIN);
        assertThat(Capability.parse("Cap_Chown")).isEqualTo(Capability.CAP_CHOWN);
        assertThatThrownBy(() -> Capability.parse("CAP_CAP_CHOWN")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Capability.parse("ALL")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void dockersDefaultSetIsTheMaskThatEveryoneKnows() {
        assertThat(CapabilitySet.DOCKER_DEFAULT.bits()).isEqualTo(0xA80425FBL);
        assertThat(CapabilitySet.parseStatus("Name:\tx\nCapEff:\t00000000a80425fb\n", "CapEff"))
                .isEqualTo(CapabilitySet.DOCKER_DEFAULT);
        assertThatThrownBy(() -> CapabilitySet.parseStatus("Name:\tx\n", "CapEff"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void setsAreValues() {
        CapabilitySet set = CapabilitySet.NONE.with(Capability.CAP_KILL).with(Capability.CAP_BPF);
        assertThat(set.has(Capability.CAP_BPF)).isTrue();
        assertThat(set.without(Capability.CAP_BPF)).isEqualTo(CapabilitySet.of(Capability.CAP_KILL));
        assertThat(set.intersection(CapabilitySet.DOCKER_DEFAULT)).isEqualTo(CapabilitySet.of(Capability.CAP_KILL));
        assertThat(CapabilitySet.all().has(Capability.CAP_CHOWN)).isTrue();
        assertThat(set).hasToString("[CAP_KILL, CAP_BPF]");
    }
}
