package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Berth's own registry through the gateway: the docker CLI and skopeo push and pull; wrong uploads are refused. */
@CompatTest
@BerthOnly
class RegistryIT {
    private static final Pattern DIGEST = Pattern.compile("[Dd]igest: (sha256:[0-9a-f]{64})");
    private static final String EMPTY_DIGEST =
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private final Target target;

    RegistryIT(Target target) {
        this.target = target;
    }

    @Test
    void whatWasPushedComesBackWithTheSameDigestAndId() {
        String name = host() + "/compat/round-trip:1";
        target.docker().ok("tag", Target.IMAGE, name);
        String id = target.docker().ok("inspect", "--format", "{{.Id}}", name);

        String pushed = digest(target.docker().ok("push", name));
        target.docker().ok("rmi", name);
        String output = target.docker().ok("pull", name);

        assertThat(digest(output)).isEqualTo(pushed);
        assertThat(target.docker().ok("inspect", "--format", "{{.Id}}", name)).isEqualTo(id);
        assertThat(target.docker().ok("inspect", "--format", "{{index .RepoDigests 0}}", name))
                .contains("@" + pushed);
        assertThat(target.docker().ok("run", "--rm", name, "echo", "pulled")).isEqualTo("pulled");
        assertThat(target.docker().ok("pull", name)).contains("Image is up to date");

        String byDigest = host() + "/compat/round-trip@" + pushed;
        target.docker().ok("pull", byDigest);
        target.docker().ok("rmi", name);
        target.docker().run("rmi", byDigest);
    }

    @Test
    void skopeoCopiesInBothDirections() {
        Path archive = target.scratch().resolve("skopeo-push.tar");
        target.docker().ok("save", "-o", archive.toString(), Target.IMAGE);
        String remote = "docker://" + host() + "/compat/skopeo:1";

        skopeo("copy", "--dest-tls-verify=false", "docker-archive:" + archive, remote);
        String digest = skopeo("inspect", "--tls-verify=false", "--format", "{{.Digest}}", remote);
        assertThat(digest).matches("sha256:[0-9a-f]{64}");
        assertThat(digest(target.docker().ok("pull", host() + "/compat/skopeo:1")))
                .isEqualTo(digest);

        Path oci = target.scratch().resolve("skopeo-pull");
        skopeo("copy", "--src-tls-verify=false", remote, "oci:" + oci + ":1");
        skopeo("copy", "--dest-tls-verify=false", "oci:" + oci + ":1", "docker://" + host() + "/compat/skopeo-oci:1");
        assertThat(target.docker().ok("run", "--rm", host() + "/compat/skopeo-oci:1", "echo", "from oci"))
                .isEqualTo("from oci");
        target.docker().ok("rmi", host() + "/compat/skopeo:1", host() + "/compat/skopeo-oci:1");
    }

    @Test
    void zstdLayersArePulled() {
        Path archive = target.scratch().resolve("zstd.tar");
        target.docker().ok("save", "-o", archive.toString(), Target.IMAGE);

        skopeo(
                "copy",
                "--dest-tls-verify=false",
                "--format",
                "oci",
                "--dest-compress-format",
                "zstd",
                "docker-archive:" + archive,
                "docker://" + host() + "/compat/zstd:1");

        assertThat(target.docker().ok("run", "--rm", host() + "/compat/zstd:1", "echo", "unpacked"))
                .contains("unpacked");
        target.docker().ok("rmi", host() + "/compat/zstd:1");
    }

    @Test
    void tagsAreListedAndUnknownNamesAreNotFound() {
        String name = host() + "/compat/tags";
        for (String tag : List.of("a", "b")) {
            target.docker().ok("tag", Target.IMAGE, name + ":" + tag);
            target.docker().ok("push", name + ":" + tag);
            target.docker().ok("rmi", name + ":" + tag);
        }

        assertThat(target.http().get("/v2/").status()).isEqualTo(200);
        assertThat(target.http()
                        .get("/v2/compat/tags/tags/list")
                        .json()
                        .path("tags")
                        .toString())
                .isEqualTo("[\"a\",\"b\"]");
        RawHttp.Response unknown = target.http().get("/v2/compat/tags/manifests/none");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.registryCode()).isEqualTo("MANIFEST_UNKNOWN");
        RawHttp.Response repository = target.http().get("/v2/compat/never-pushed/tags/list");
        assertThat(repository.status()).isEqualTo(404);
        assertThat(repository.registryCode()).isEqualTo("NAME_UNKNOWN");
        assertThat(target.docker().run("pull", name + ":none").exited(1).err()).contains("not found");
    }

    @Test
    void contentThatIsNotItsDigestIsRefused() {
        RawHttp.Response begun = target.http().send("POST", "/v2/compat/bad/blobs/uploads/", Map.of(), new byte[0]);
        assertThat(begun.status()).isEqualTo(202);
        String location = begun.header("Location");
        String path = location.startsWith("http") ? location.substring(location.indexOf("/v2/")) : location;

        RawHttp.Response response = target.http()
                .send(
                        "PUT",
                        path + (path.contains("?") ? "&" : "?") + "digest=" + EMPTY_DIGEST,
                        Map.of("Content-Type", "application/octet-stream"),
                        "not empty".getBytes(StandardCharsets.UTF_8));

        assertThat(response.status()).isEqualTo(400);
        assertThat(response.registryCode()).isEqualTo("DIGEST_INVALID");
        RawHttp.Response blob = target.http().get("/v2/compat/bad/blobs/" + EMPTY_DIGEST);
        assertThat(blob.status()).isEqualTo(404);
        assertThat(blob.registryCode()).isIn("BLOB_UNKNOWN", "NAME_UNKNOWN");
    }

    @Test
    void wrongDigestsNamesAndManifestsAreRefusedInTheRegistrysShape() {
        assertRefused(target.http().get("/v2/compat/bad/blobs/sha256:..%2F..%2Fx"), 400);
        assertRefused(target.http().get("/v2/compat/bad/blobs/md5:d41d8cd98f00b204e9800998ecf8427e"), 400);
        RawHttp.Response manifest = target.http()
                .send(
                        "PUT",
                        "/v2/compat/bad/manifests/1",
                        Map.of("Content-Type", "application/vnd.oci.image.manifest.v1+json"),
                        "{broken".getBytes(StandardCharsets.UTF_8));
        assertThat(manifest.status()).isEqualTo(400);
        assertThat(manifest.registryCode()).isEqualTo("MANIFEST_INVALID");
        RawHttp.Response missingBlob = target.http()
                .send(
                        "PUT",
                        "/v2/compat/bad/manifests/1",
                        Map.of("Content-Type", "application/vnd.oci.image.manifest.v1+json"),
                        ("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
                                        + "\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\","
                                        + "\"digest\":\"sha256:" + "1".repeat(64) + "\",\"size\":2},\"layers\":[]}")
                                .getBytes(StandardCharsets.UTF_8));
        assertThat(missingBlob.status()).isIn(400, 404);
        assertThat(missingBlob.registryCode()).isIn("MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN");
    }

    private static void assertRefused(RawHttp.Response response, int status) {
        assertThat(response.status()).as(response.toString()).isEqualTo(status);
        assertThat(response.registryCode()).isIn("DIGEST_INVALID", "NAME_INVALID", "UNSUPPORTED");
    }

    private String host() {
        return "localhost:" + target.berth().port();
    }

    private String skopeo(String... arguments) {
        return Skopeo.runIn(target.berth().inNamespace(), arguments).ok();
    }

    private static String digest(String output) {
        Matcher found = DIGEST.matcher(output);
        assertThat(found.find()).as("a digest in: " + output).isTrue();
        return found.group(1);
    }
}
