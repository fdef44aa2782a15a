package io.berth.image.build.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotImplemented;
import io.berth.image.build.attest.AttestationOptions.Version;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AttestationOptionsTest {
    private static AttestationOptions.Provenance provenance(String value) {
        return Objects.requireNonNull(
                AttestationOptions.parse(Map.of("provenance", value)).provenance());
    }

    @Test
    void readsWhatBuildxSends() {
        assertThat(provenance("type=provenance,disabled=false"))
                .isEqualTo(new AttestationOptions.Provenance(false, Version.V0_2, "", false, "provenance.json"));
        assertThat(provenance("type=provenance,mode=max,version=v1,builder-id=https://ci/1,reproducible=true"))
                .isEqualTo(
                        new AttestationOptions.Provenance(true, Version.V1, "https://ci/1", true, "provenance.json"));
        assertThat(AttestationOptions.parse(Map.of("sbom", "type=sbom,disabled=false"))
                        .sbom())
                .isEqualTo("sbom.spdx.json");
    }

    @Test
    void whatClientsAskForByThemselvesIsNotWanted() {
        assertThat(AttestationOptions.parse(Map.of("provenance", "mode=min,inline-only=true"))
                        .isEmpty())
                .isTrue();
        assertThat(AttestationOptions.parse(Map.of("provenance", "type=provenance,disabled=true"))
                        .isEmpty())
                .isTrue();
        assertThat(AttestationOptions.parse(Map.of()).isEmpty()).isTrue();
    }

    @Test
    void refusesWhatThereIsNot() {
        assertThatThrownBy(() -> AttestationOptions.parse(Map.of("vex", "type=vex")))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("unknown attestation type \"vex\"");
        assertThatThrownBy(() -> provenance("mode=middle")).isInstanceOf(InvalidParameter.class);
        assertThatThrownBy(() -> provenance("version=v9")).isInstanceOf(InvalidParameter.class);
        assertThatThrownBy(() -> provenance("filename=../up")).isInstanceOf(InvalidParameter.class);
        assertThatThrownBy(() -> provenance("filename=.")).isInstanceOf(InvalidParameter.class);
        assertThatThrownBy(() -> AttestationOptions.parse(Map.of("sbom", "generator=docker/scanner")))
                .isInstanceOf(NotImplemented.class)
                .hasMessageContaining("docker/scanner");
    }
}
