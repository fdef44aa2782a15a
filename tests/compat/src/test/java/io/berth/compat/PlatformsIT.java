package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Several platforms of one image, side by side under one name. */
@CompatTest
@BerthOnly
class PlatformsIT {
    private static final List<String> ARCHITECTURES = List.of("amd64", "arm64", "s390x");

    @TempDir
    Path directory;

    private final Target target;
    private final String name;
    private final String repository;

    PlatformsIT(Target target) {
        this.target = target;
        this.repository = "localhost:" + target.berth().port() + "/platforms/image";
        this.name = repository + ":1";
    }

    /** Pushes an image of three platforms, which buildah makes. */
    @BeforeEach
    void push() throws IOException {
        Path context = Files.createDirectory(directory.resolve("context"));
        Files.writeString(
                context.resolve("Dockerfile"),
                "FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /arch\nLABEL arch=$TARGETARCH\n");
        List<String> platforms = new ArrayList<>();
        for (String architecture : ARCHITECTURES) {
            Files.writeString(context.resolve(architecture), architecture);
            platforms.add("linux/" + architecture);
        }
        try (Buildah buildah = Buildah.open(target)) {
            buildah.run(
                            "bud",
                            "-q",
                            "--isolation",
                            "chroot",
                            "--platform",
                            String.join(",", platforms),
                            "--manifest",
                            "list",
                            context.toString())
                    .ok();
            buildah.run("manifest", "push", "--tls-verify=false", "--all", "list", "docker://" + name)
                    .ok();
        }
    }

    @AfterEach
    void remove() {
        target.docker().run("rmi", "-f", name);
        target.docker().run("image", "prune", "-f");
    }

    private static String platform(String architecture) {
        return URLEncoder.encode(
                "{\"os\":\"linux\",\"architecture\":\"" + architecture + "\"}", StandardCharsets.UTF_8);
    }

    private String inspected(String architecture) {
        RawHttp.Response response =
                target.http().get("/v1.49/images/" + name + "/json?platform=" + platform(architecture));
        assertThat(response.status()).as(response.body()).isEqualTo(200);
        assertThat(response.json().path("RepoTags").path(0).asString()).isEqualTo(name);
        assertThat(response.json().path("Architecture").asString()).isEqualTo(architecture);
        return response.json().path("Id").asString();
    }

    private int status(String architecture) {
        return target.http()
                .get("/v1.49/images/" + name + "/json?platform=" + platform(architecture))
                .status();
    }

    private List<String> available() {
        JsonNode manifests = target.http()
                .get("/v1.49/images/" + name + "/json?manifests=1")
                .json()
                .path("Manifests");
        assertThat(manifests.size()).isEqualTo(3);
        List<String> available = new ArrayList<>();
        manifests.forEach(manifest -> {
            if (manifest.path("Available").asBoolean()) {
                available.add(manifest.path("ImageData")
                        .path("Platform")
                        .path("architecture")
                        .asString());
            }
        });
        return available;
    }

    @Test
    void platformsLieSideBySide() {
        target.docker().ok("pull", "--platform", "linux/arm64", name);
        assertThat(target.docker().ok("inspect", "-f", "{{.Architecture}}", name))
                .isEqualTo("arm64");
        target.docker().ok("pull", name);
        target.docker().ok("pull", "--platform", "linux/s390x", name);
        assertThat(target.docker().ok("pull", "--platform", "linux/s390x", name))
                .contains("Image is up to date");

        assertThat(target.docker().ok("inspect", "-f", "{{.Architecture}}", name))
                .as("this machine's is in front")
                .isEqualTo("amd64");
        assertThat(target.docker().ok("image", "ls", "-a", "--format", "{{.Tag}}", repository))
                .as("one image")
                .isEqualTo("1");
        assertThat(target.docker().ok("image", "ls", "-f", "dangling=true", "-q"))
                .isEmpty();
        assertThat(available()).containsExactlyInAnyOrder("amd64", "arm64", "s390x");
        JsonNode listed = target.http()
                .get("/v1.48/images/json?manifests=1&filters="
                        + URLEncoder.encode("{\"reference\":[\"" + name + "\"]}", StandardCharsets.UTF_8))
                .json();
        assertThat(listed.path(0).path("Manifests").size()).isEqualTo(3);
        assertThat(List.of(inspected("amd64"), inspected("arm64"), inspected("s390x")))
                .doesNotHaveDuplicates();
        assertThat(status("riscv64")).isEqualTo(404);
        assertThat(target.http()
                        .get("/v1.49/images/" + name + "/history?platform=" + platform("arm64"))
                        .json()
                        .path(0)
                        .path("Id")
                        .asString())
                .isEqualTo(inspected("arm64"));
        target.docker().ok("image", "prune", "-f");
        assertThat(available()).as("pruned").hasSize(3);
    }

    @Test
    void containersAndBuildsTakeThePlatformAskedFor() throws IOException {
        target.docker().ok("pull", name);
        target.docker().ok("pull", "--platform", "linux/arm64", name);
        String container = target.docker().ok("create", "--pull", "never", "--platform", "linux/arm64", name, "/arch");
        try {
            assertThat(target.docker().ok("inspect", "-f", "{{.Image}}", container))
                    .isEqualTo(inspected("arm64"));
            assertThat(target.docker()
                            .ok(
                                    "cp",
                                    container + ":/arch",
                                    directory.resolve("arch").toString()))
                    .isEmpty();
            assertThat(directory.resolve("arch")).hasContent("arm64");
            assertThat(target.http()
                            .send(
                                    "DELETE",
                                    "/v1.50/images/" + name + "?platforms=" + platform("arm64"),
                                    Map.of(),
                                    new byte[0])
                            .status())
                    .as("in use")
                    .isEqualTo(409);
        } finally {
            target.docker().ok("rm", container);
        }
        Path context = Files.createDirectory(directory.resolve("derived"));
        Files.writeString(context.resolve("Dockerfile"), "FROM --platform=linux/arm64 " + name + "\nLABEL a=b\n");
        target.docker().ok("build", "-t", "berth-test/derived", context.toString());
        assertThat(target.docker().ok("inspect", "-f", "{{.Config.Labels.arch}}", "berth-test/derived"))
                .isEqualTo("arm64");
        target.docker().ok("rmi", "berth-test/derived");
    }

    @Test
    void onePlatformIsSavedPushedAndDeleted() throws IOException {
        target.docker().ok("pull", name);
        target.docker().ok("pull", "--platform", "linux/arm64", name);
        target.docker().ok("pull", "--platform", "linux/s390x", name);
        String arm = inspected("arm64");
        Path saved = directory.resolve("arm.tar");
        Running.run(
                        List.of(
                                "curl",
                                "-sSf",
                                "--unix-socket",
                                target.socket().toString(),
                                "-o",
                                saved.toString(),
                                "http://localhost/v1.48/images/" + name + "/get?platform=" + platform("arm64")),
                        Map.of(),
                        new byte[0],
                        java.time.Duration.ofMinutes(1))
                .ok();
        assertThat(Skopeo.run("inspect", "--config", "--format", "{{.Architecture}}", "docker-archive:" + saved)
                        .ok())
                .isEqualTo("arm64");

        JsonNode gone = target.http()
                .send("DELETE", "/v1.50/images/" + name + "?platforms=" + platform("amd64"), Map.of(), new byte[0])
                .json();
        assertThat(gone.toString()).contains("Deleted").doesNotContain("Untagged");
        assertThat(available()).containsExactlyInAnyOrder("arm64", "s390x");
        assertThat(target.docker().ok("inspect", "-f", "{{.Architecture}}", name))
                .isIn("arm64", "s390x");

        String removed = target.docker().ok("rmi", name);
        assertThat(removed).contains("Untagged: " + name, "Deleted: " + arm);
        assertThat(target.docker().ok("image", "ls", "-aq", repository)).isEmpty();
        assertThat(target.docker().ok("image", "ls", "-f", "dangling=true", "-q"))
                .as("nothing is left")
                .isEmpty();

        assertThat(target.docker().ok("load", "-i", saved.toString())).contains(name);
        assertThat(target.docker().ok("inspect", "-f", "{{.Id}}", name)).isEqualTo(arm);
    }

    private Path save(String query) {
        Path saved = directory.resolve("saved.tar");
        Running.run(
                        List.of(
                                "curl",
                                "-sSf",
                                "--unix-socket",
                                target.socket().toString(),
                                "-o",
                                saved.toString(),
                                "http://localhost/v1.48/images/" + name + "/get" + query),
                        Map.of(),
                        new byte[0],
                        java.time.Duration.ofMinutes(1))
                .ok();
        return saved;
    }

    @Test
    void severalPlatformsAreSavedAndComeBack() {
        for (String architecture : ARCHITECTURES) {
            target.docker().ok("pull", "--platform", "linux/" + architecture, name);
        }
        List<String> ids = List.of(inspected("amd64"), inspected("arm64"), inspected("s390x"));
        Path saved = save("");
        assertThat(Skopeo.run("inspect", "--config", "--format", "{{.Architecture}}", "docker-archive:" + saved)
                        .ok())
                .as("older readers find this machine's")
                .isEqualTo("amd64");
        target.docker().ok("rmi", name);
        assertThat(target.docker().ok("load", "-i", saved.toString())).contains("Loaded image: " + name);
        assertThat(available()).containsExactlyInAnyOrder("amd64", "arm64", "s390x");
        assertThat(List.of(inspected("amd64"), inspected("arm64"), inspected("s390x")))
                .isEqualTo(ids);
        target.docker().ok("rmi", name);

        RawHttp.Response one = target.http()
                .send(
                        "POST",
                        "/v1.48/images/load?platform=" + platform("s390x"),
                        Map.of("Content-Type", "application/x-tar"),
                        bytes(saved));
        assertThat(one.body()).contains("Loaded image: " + name);
        assertThat(available()).containsExactly("s390x");
        target.docker().ok("rmi", name);

        target.docker().ok("load", "-i", saved.toString());
        Path two = save("?platform=" + platform("arm64") + "&platform=" + platform("s390x"));
        target.docker().ok("rmi", name);
        target.docker().ok("load", "-i", two.toString());
        assertThat(available()).containsExactlyInAnyOrder("arm64", "s390x");
        assertThat(inspected("arm64")).isEqualTo(ids.get(1));
    }

    @Test
    void layoutsOfSeveralPlatformsAreLoaded() {
        Path layout = directory.resolve("layout.tar");
        Skopeo.runIn(
                        target.inNamespace(),
                        "copy",
                        "--all",
                        "--src-tls-verify=false",
                        "docker://" + name,
                        "oci-archive:" + layout + ":" + name)
                .ok();
        RawHttp.Response loaded = target.http()
                .send(
                        "POST",
                        "/v1.48/images/load?platform=" + platform("amd64") + "&platform=" + platform("arm64"),
                        Map.of("Content-Type", "application/x-tar"),
                        bytes(layout));
        assertThat(loaded.body()).contains("Loaded image: " + name);
        assertThat(available()).containsExactlyInAnyOrder("amd64", "arm64");
        assertThat(inspected("arm64")).isNotEqualTo(inspected("amd64"));
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
