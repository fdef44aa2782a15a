package io.berth.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class SysctlTest {
    @Test
    void readsNumbersWhole() {
        // No Linux has a limit of one digit here; a read in pieces would give the first digit only.
        assertThat(Sysctl.number("kernel/pid_max")).isGreaterThan(100);
        assertThat(Sysctl.text("kernel/osrelease")).contains(".");
    }

    @Test
    void namesAParameterThatIsNotThere() {
        assertThatThrownBy(() -> Sysctl.text("kernel/nothing"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("kernel/nothing");
    }
}
