package io.berth.registryclient.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SubjectNameTest {
    @Test
    void readsNamesOfSingleAttributes() {
        assertThat(SubjectName.parse("CN=a, O=\"b, c\"").parts()).hasSize(2);
        assertThatThrownBy(() -> SubjectName.parse("CN=a+O=b")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesNamesThatAreTooLong() {
        assertThatThrownBy(() -> SubjectName.parse("CN=a,".repeat(10_000) + "CN=b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("subject of 50004 characters (expected: up to 16384)");
    }
}
