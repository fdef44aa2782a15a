package io.berth.engine.network;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkedNameTest {
    @ParameterizedTest
    @CsvSource({
        "web,web,web",
        "web:alias,web,alias",
        "/web:alias,web,alias",
        "/web:/other/alias,web,alias",
        "/web,web,web"
    })
    void parsesAllForms(String text, String name, String alias) {
        assertThat(LinkedName.parse(text)).isEqualTo(new LinkedName(name, alias));
    }
}
