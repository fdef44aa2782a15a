package io.berth.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class KernelVersionTest {
    @Test
    void readsReleasesAndRequirements() {
        assertThat(KernelVersion.parse("6.18.44-fc-v669")).isEqualTo(new KernelVersion(6, 18));
        assertThat(KernelVersion.parse("4.8")).isEqualTo(new KernelVersion(4, 8));
        assertThat(KernelVersion.parse("7-rc1")).isEqualTo(new KernelVersion(7, 0));
        assertThat(KernelVersion.current().isAtLeast(4, 8)).isTrue();
        assertThatThrownBy(() -> KernelVersion.parse("x")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void comparesNumbersNotText() {
        assertThat(new KernelVersion(5, 10)).isGreaterThan(new KernelVersion(5, 9));
        assertThat(new KernelVersion(6, 1).isAtLeast(5, 19)).isTrue();
        assertThat(new KernelVersion(5, 3).isAtLeast(5, 4)).isFalse();
    }
}
