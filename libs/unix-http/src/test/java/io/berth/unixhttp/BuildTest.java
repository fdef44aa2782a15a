package io.berth.unixhttp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BuildTest {
    @Test
    void isOfTheReleaseThatASnapshotLeadsTo() {
        assertThat(Build.of("0.3.0-SNAPSHOT", "1a2b3c4-dirty")).isEqualTo(new Build("0.3.0", "1a2b3c4-dirty"));
    }

    @Test
    void isTheFirstOneWhereNothingIsKnown() {
        assertThat(Build.of(null, null)).isEqualTo(new Build("0.1.0", ""));
        assertThat(Build.current().version()).matches("\\d+\\.\\d+\\.\\d+");
    }
}
