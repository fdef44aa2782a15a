package io.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalTest {
    @Test
    void readsWhatGoReads() {
        assertThat(Decimal.parseInt("0")).isZero();
        assertThat(Decimal.parseInt("+17")).isEqualTo(17);
        assertThat(Decimal.parseInt("-0017")).isEqualTo(-17);
        assertThat(Decimal.parseLong("9223372036854775807")).isEqualTo(Long.MAX_VALUE);
        assertThat(Decimal.parseLong("-9223372036854775808")).isEqualTo(Long.MIN_VALUE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "+",
                "1 ",
                " 1",
                "1_0",
                "0x1",
                "1e3",
                "--1",
                "9223372036854775808",
                "99999999999999999999",
                "\u0660",
                "1\u0967",
                "\uff11\uff12",
                "\ud835\udfce"
            })
    void refusesTheRest(String text) {
        assertThatThrownBy(() -> Decimal.parseLong(text)).isInstanceOf(NumberFormatException.class);
        assertThatThrownBy(() -> Decimal.parseInt(text)).isInstanceOf(NumberFormatException.class);
    }
}
