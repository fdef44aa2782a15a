package io.berth.engine.kept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class KeptPropertiesTest {
    @Test
    void areAQuarterOfTheHeapUnlessSomethingElseIsSaid() {
        assertThat(new KeptProperties(DataSize.ofBytes(0)).bytes())
                .isEqualTo(Runtime.getRuntime().maxMemory() / 4);
        assertThat(new KeptProperties(DataSize.ofMegabytes(3)).bytes()).isEqualTo(3 << 20);
    }

    @Test
    void areNotNegative() {
        assertThatThrownBy(() -> new KeptProperties(DataSize.ofBytes(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("berth.engine.definitions.memory");
    }
}
