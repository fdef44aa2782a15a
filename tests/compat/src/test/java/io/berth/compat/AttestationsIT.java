package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code docker buildx build --provenance --sbom} attests, as its readers find it. */
@CompatTest
@BerthOnly
class AttestationsIT {
    private static final String NAME = "berth-test/attested";

    @TempDir
    Path context;

    @TempDir
    Path outside;

    private final Target target;

    AttestationsIT(Target target) {
        this.target = target;
    }

    @BeforeEach
    void context() throws IOException {
        Files.createDirectories(context.resolve("node_modules/left-pad"));
        Files.writeString(
                context.resolve("node_modules/left-pad/package.json"),
                "{\"name\": \"left-pad\", \"version\": \"1.3.0\"}");
        Files.writeString(
                context.resolve("Dockerfile"),
                "FROM " + Target.IMAGE + "\nARG WORD\nCOPY node_modules /app/node_modules\nRUN echo $WORD > /word\n");
    }

    @AfterEach
    void removeImages() {
        target.removeImages(NAME);
    }

    private void build(String... options) {
        List<String> command = new ArrayList<>(List.of("buildx", "build", "--build-arg", "WORD=told"));
        command.addAll(List.of(options));
        command.add(context.toString());
        target.docker().ok(command.toArray(String[]::new));
    }

    @Test
    void pushesThemInTheImagesIndex() {
        String repository = "localhost:" + target.berth().port() + "/attest/pushed";
        build("-t", repository + ":1", "--push", "--provenance=mode=max", "--sbom=true");
        JsonNode index = Skopeo.raw(target.berth(), repository + ":1");
        assertThat(index.path("mediaType").asString()).isEqualTo("application/vnd.oci.image.index.v1+json");
        JsonNode attestation = index.at("/manifests/1");
        assertThat(attestation.at("/annotations/vnd.docker.reference.type").asString())
                .isEqualTo("attestation-manifest");
        assertThat(attestation.at("/annotations/vnd.docker.reference.digest").asString())
                .isEqualTo(index.at("/manifests/0/digest").asString());
        assertThat(attestation.at("/platform/architecture").asString()).isEqualTo("unknown");
        JsonNode manifest = Skopeo.raw(
                target.berth(), repository + "@" + attestation.path("digest").asString());
        assertThat(manifest.path("layers"))
                .extracting(layer ->
                        layer.at("/annotations/in-toto.io~1predicate-type").asString())
                .containsExactly("https://spdx.dev/Document", "https://slsa.dev/provenance/v0.2");

        String shown = buildx(repository, "{{json .SBOM}}{{json .Provenance}}");
        assertThat(shown)
                .contains("left-pad", "pkg:npm/left-pad@1.3.0", "build-arg:WORD", "mobyproject.org/buildkit@v1");

        target.docker().ok("rmi", repository + ":1");
        assertThat(target.docker().ok("pull", repository + ":1")).contains("Digest: sha256:");
        assertThat(target.docker().ok("run", "--rm", repository + ":1", "cat", "/word"))
                .isEqualTo("told");
        target.docker().ok("rmi", repository + ":1");
    }

    /** Read by buildx itself, at the registry. */
    private String buildx(String repository, String format) {
        List<String> command = new ArrayList<>(target.berth().inNamespace());
        command.addAll(List.of("docker", "buildx", "imagetools", "inspect", repository + ":1", "--format", format));
        return Running.run(command, Map.of(), new byte[0], Duration.ofMinutes(1))
                .ok();
    }

    @Test
    void keepsThemBesideTheImageForALaterPush() {
        build("-t", NAME, "--provenance=version=v1");
        String repository = "localhost:" + target.berth().port() + "/attest/later";
        target.docker().ok("tag", NAME, repository + ":1");
        String pushed = target.docker().ok("push", repository + ":1");
        JsonNode index = Skopeo.raw(target.berth(), repository + ":1");
        assertThat(index.path("manifests")).hasSize(2);
        assertThat(pushed).contains("digest: sha256:");
        JsonNode manifest = Skopeo.raw(
                target.berth(),
                repository + "@" + index.at("/manifests/1/digest").asString());
        assertThat(manifest.at("/layers/0/annotations/in-toto.io~1predicate-type")
                        .asString())
                .isEqualTo("https://slsa.dev/provenance/v1");
        target.docker().ok("rmi", repository + ":1");
    }

    @Test
    void aPlainBuildIsPlain() {
        String repository = "localhost:" + target.berth().port() + "/attest/plain";
        build("-t", repository + ":1", "--push");
        assertThat(Skopeo.raw(target.berth(), repository + ":1")
                        .path("mediaType")
                        .asString())
                .isEqualTo("application/vnd.oci.image.manifest.v1+json");
        target.docker().ok("rmi", repository + ":1");
    }

    @Test
    void exportsThemAsFilesAndInLayouts() throws IOException {
        Path tree = outside.resolve("tree");
        build("--provenance=true", "--sbom=true", "--output", "type=local,dest=" + tree);
        JsonNode statement = JsonMapper.shared().readTree(Files.readString(tree.resolve("provenance.json")));
        assertThat(statement.path("_type").asString()).isEqualTo("https://in-toto.io/Statement/v0.1");
        assertThat(statement.path("subject"))
                .extracting(subject -> subject.path("name").asString())
                .contains("word", "app/node_modules/left-pad/package.json");
        assertThat(statement.toString()).doesNotContain("build-arg:WORD").contains("pkg:docker/");
        assertThat(tree.resolve("sbom.spdx.json")).content().contains("left-pad", "SPDX-2.3");
        assertThat(tree.resolve("word")).hasContent("told\n");

        Path tar = outside.resolve("tree.tar");
        build("--provenance=true", "--output", "type=tar,dest=" + tar);
        assertThat(Running.run(
                                List.of("tar", "-xOf", tar.toString(), "provenance.json"),
                                Map.of(),
                                new byte[0],
                                Duration.ofMinutes(1))
                        .ok())
                .contains("https://slsa.dev/provenance/v0.2");

        Path oci = outside.resolve("image.oci");
        build("--provenance=true", "--output", "type=oci,dest=" + oci);
        String index = Skopeo.run("inspect", "--raw", "oci-archive:" + oci).ok();
        assertThat(index).contains("attestation-manifest");
        assertThat(Skopeo.run("inspect", "--format", "{{len .Layers}}", "oci-archive:" + oci)
                        .ok())
                .isEqualTo("3");
    }
}
