package io.berth.oci;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Names of images, digests and platforms; what is taken means the same when it is written and read again. */
class NamesFuzzTest {
    private static final String SHA = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    @Test
    void references() {
        Fuzzer.of("reference")
                .examples("alpine", "a.b:5000/c/d__e-f:T1.x", "localhost/a@" + SHA, "[::1]:80/a:b@" + SHA)
                .words(":", "/", "@", "__", ".", "sha256:", "[", "]")
                .refusesBy(IllegalArgumentException.class)
                .runText(text -> {
                    ImageReference reference = ImageReference.parse(text);
                    assertThat(ImageReference.parse(reference.toString())).isEqualTo(reference);
                });
    }

    @Test
    void digests() {
        Fuzzer.of("digest")
                .examples(SHA, "sha512:" + "0".repeat(128))
                .refusesBy(IllegalArgumentException.class)
                .runText(text -> assertThat(Digest.parse(text)).hasToString(text));
    }

    @Test
    void platforms() {
        Fuzzer.of("platform")
                .examples("linux/amd64", "linux/arm/v7", "windows(10.0)/amd64", "arm64")
                .words("/", "(", ")")
                .refusesBy(IllegalArgumentException.class)
                .runText(Platform::parse);
    }
}
