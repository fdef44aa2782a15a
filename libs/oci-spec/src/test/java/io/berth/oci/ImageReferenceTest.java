package io.berth.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
    private static final String DIGEST = "sha256:" + "a".repeat(64);

    @ParameterizedTest
    @CsvSource({
        "busybox, docker.io/library/busybox, busybox",
        "busybox:1.36, docker.io/library/busybox:1.36, busybox:1.36",
        "docker.io/busybox, docker.io/library/busybox, busybox",
        "index.docker.io/library/busybox, docker.io/library/busybox, busybox",
        "team/app:v1, docker.io/team/app:v1, team/app:v1",
        "localhost/app, localhost/app, localhost/app",
        "localhost:5000/a/b:t, localhost:5000/a/b:t, localhost:5000/a/b:t",
        "ghcr.io/x/y, ghcr.io/x/y, ghcr.io/x/y",
        "[::1]:5000/x, [::1]:5000/x, [::1]:5000/x",
        "a__b--c/e.d, docker.io/a__b--c/e.d, a__b--c/e.d",
    })
    void normalises(String written, String full, String familiar) {
        ImageReference reference = ImageReference.parse(written);
        assertThat(reference).hasToString(full);
        assertThat(reference.familiar()).isEqualTo(familiar);
        assertThat(ImageReference.parse(full)).isEqualTo(reference);
    }

    @Test
    void keepsTagAndDigest() {
        ImageReference reference = ImageReference.parse("busybox:1@" + DIGEST);
        assertThat(reference.tag()).isEqualTo("1");
        assertThat(reference.digest()).isEqualTo(Digest.parse(DIGEST));
        assertThat(reference.withDefaultTag()).isEqualTo(reference);
        assertThat(ImageReference.parse("busybox").withDefaultTag().tag()).isEqualTo("latest");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":tag",
                "@",
                "a:",
                "a:b:c",
                "/a",
                "a/",
                "a//b",
                "a b",
                "a\nb",
                "../a",
                "a/../b",
                "-a",
                "a:..%2f",
                "a@sha256:zz",
                "a@md5:d41d8cd98f00b204e9800998ecf8427e",
                "a__b--c.d/e/-"
            })
    void refuses(String written) {
        assertThatThrownBy(() -> ImageReference.parse(written))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("invalid reference format");
    }

    @Test
    void namesWhatDockerNames() {
        assertThatThrownBy(() -> ImageReference.parse("Foo"))
                .hasMessage("invalid reference format: repository name (library/Foo) must be lowercase");
        assertThatThrownBy(() -> ImageReference.parse("a".repeat(64)))
                .hasMessageContaining("cannot specify 64-byte hexadecimal strings");
    }
}
