package io.berth.engine.files;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InnerPathTest {
    @ParameterizedTest
    @CsvSource({
        "/etc, /etc, etc",
        "etc, /etc, etc",
        "/etc/, /etc/, etc",
        "/etc/., /etc/., .",
        "/etc/./x/../y, /etc/y, y",
        "/../../a, /a, a",
        "/, /, /",
        "/., /., .",
        ".., /, /"
    })
    void readsPathsAsMobyDoes(String text, String clean, String name) {
        InnerPath path = InnerPath.parse(text);
        assertThat(path.text()).isEqualTo(clean);
        assertThat(path.name()).isEqualTo(name);
    }
}
