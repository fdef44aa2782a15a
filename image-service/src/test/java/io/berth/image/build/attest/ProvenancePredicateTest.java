package io.berth.image.build.attest;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.image.build.Material;
import io.berth.oci.Platform;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ProvenancePredicateTest {
    private static final BuildFacts FACTS = new BuildFacts(
            "abc",
            Map.of(
                    "build-arg:TOKEN", "hidden",
                    "target", "last",
                    "platform", "linux/amd64",
                    "attest:provenance", "mode=max",
                    "context", "https://user:word@host/x.git",
                    "vcs:source", "https://user:word@host/x.git"),
            "Dockerfile",
            "FROM scratch\n",
            "https://user:word@host/x.git",
            Set.of("context"),
            Set.of("secret"),
            Set.of(),
            List.of(new Material("pkg:docker/alpine@3", "sha256", "aa")),
            Platform.of("linux", "amd64", null),
            Instant.EPOCH,
            Instant.EPOCH.plusSeconds(1));

    private static JsonNode predicate(boolean max, AttestationOptions.Version version) {
        return new ProvenancePredicate(
                        new AttestationOptions.Provenance(max, version, "me", true, "provenance.json"), FACTS)
                .json();
    }

    @Test
    void byDefaultNothingOfTheUsersValuesIsTold() {
        JsonNode told = predicate(false, AttestationOptions.Version.V0_2);
        assertThat(told.toString()).doesNotContain("hidden", "secret", "word", "FROM");
        assertThat(told.at("/invocation/parameters/args").propertyNames())
                .containsExactlyInAnyOrder("target", "context");
        assertThat(told.at("/metadata/completeness/parameters").asBoolean()).isFalse();
        assertThat(told.at("/materials/0/uri").asString()).isEqualTo("pkg:docker/alpine@3");
        assertThat(told.at("/materials/0/digest/sha256").asString()).isEqualTo("aa");
        assertThat(told.at("/invocation/configSource/entryPoint").asString()).isEqualTo("Dockerfile");
        assertThat(told.at("/builder/id").asString()).isEqualTo("me");
        assertThat(told.at("/metadata/buildFinishedOn").asString()).isEqualTo("1970-01-01T00:00:01Z");
    }

    @Test
    void withTheModeMaxAllIsTold() {
        JsonNode told = predicate(true, AttestationOptions.Version.V0_2);
        assertThat(told.at("/invocation/parameters/args/build-arg:TOKEN").asString())
                .isEqualTo("hidden");
        assertThat(told.at("/invocation/parameters/secrets/0/id").asString()).isEqualTo("secret");
        assertThat(told.at("/metadata/completeness/parameters").asBoolean()).isTrue();
        assertThat(told.toString()).contains("RlJPTSBzY3JhdGNoCg==").doesNotContain("word");
    }

    @Test
    void versionOneHasOtherNames() {
        JsonNode told = predicate(true, AttestationOptions.Version.V1);
        assertThat(told.at("/buildDefinition/resolvedDependencies/0/uri").asString())
                .isEqualTo("pkg:docker/alpine@3");
        assertThat(told.at("/buildDefinition/externalParameters/configSource/path")
                        .asString())
                .isEqualTo("Dockerfile");
        assertThat(told.at("/runDetails/metadata/invocationID").asString()).isEqualTo("abc");
    }
}
