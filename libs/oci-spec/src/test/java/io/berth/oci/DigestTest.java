package io.berth.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
    private static final String EMPTY = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    @Test
    void computesAndParses() {
        assertThat(Digest.sha256(new byte[0])).hasToString(EMPTY).isEqualTo(Digest.parse(EMPTY));
        assertThat(Digest.parse(EMPTY).matches(Digest.newSha256().digest())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sha256:../../etc/passwd",
                "sha256:",
                "sha256",
                "md5:d41d8cd98f00b204e9800998ecf8427e",
                "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
                "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85",
                "SHA256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "sha512:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            })
    void refusesAnythingElse(String text) {
        assertThatThrownBy(() -> Digest.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void chainsDiffIds() {
        Digest a = Digest.sha256("a".getBytes(StandardCharsets.UTF_8));
        Digest b = Digest.sha256("b".getBytes(StandardCharsets.UTF_8));
        assertThat(ChainId.of(List.of(a, b)))
                .containsExactly(a, Digest.sha256((a + " " + b).getBytes(StandardCharsets.UTF_8)));
        assertThat(ChainId.of(List.of())).isEmpty();
    }
}
