package io.berth.image.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModeChangeTest {
    /** What chmod(1) makes of the same. */
    @ParameterizedTest
    @CsvSource({
        "755,      0600, false, 0755",
        "0644,     0777, false, 0644",
        "4755,     0600, false, 04755",
        "u+x,      0644, false, 0744",
        "a=r,      0755, false, 0444",
        "go-w,     0666, false, 0644",
        "+x,       0644, false, 0755",
        "u=rwX,    0644, false, 0644",
        "u=rwX,    0644, true,  0744",
        "a+X,      0744, false, 0755",
        "'u=rw,go=r', 0777, false, 0644",
        "'u+s,g+s', 0755, false, 06755",
        "u=rwx,    04700, false, 0700",
        "+t,       0777, true,  01777",
    })
    void changesAsChmodDoes(String text, String before, boolean directory, String after) {
        assertThat(Integer.toOctalString(ModeChange.parse(text).apply(Integer.parseInt(before, 8), directory)))
                .isEqualTo(Integer.toOctalString(Integer.parseInt(after, 8)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "8", "99999", "u", "u+", "z+x", "u+q", "rwx", "u+x,"})
    void refusesWhatIsNoMode(String text) {
        if (text.equals("u+")) {
            assertThat(ModeChange.parse(text).apply(0644, false)).isEqualTo(0644); // chmod takes it, too
            return;
        }
        assertThatThrownBy(() -> ModeChange.parse(text))
                .isInstanceOf(BuildFailure.class)
                .hasMessageContaining("invalid chmod parameter");
    }

    @Test
    void aLeadingZeroChangesNothing() {
        assertThat(ModeChange.parse("000755")).isEqualTo(ModeChange.parse("755"));
    }
}
