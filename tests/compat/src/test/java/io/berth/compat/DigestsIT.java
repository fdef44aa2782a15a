package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** An image that goes round by other tools comes back with every digest that it had. */
@CompatTest
@BerthOnly
class DigestsIT {
    private static final String NAME = "berth-test/digests";

    @TempDir
    Path directory;

    private final Target target;
    private final String registry;

    DigestsIT(Target target) {
        this.target = target;
        this.registry = "localhost:" + target.berth().port() + "/digests/";
    }

    /**
     * All digests of an image.
     *
     * @param id of its configuration
     * @param layers diff ids, in JSON
     */
    private record Digests(String id, String layers) {}

    private Digests digests(String name) {
        return new Digests(
                target.docker().ok("image", "inspect", "-f", "{{.Id}}", name),
                target.docker().ok("image", "inspect", "-f", "{{json .RootFS.Layers}}", name));
    }

    /** Files of all kinds, a whiteout, an opaque directory and an empty layer. */
    @BeforeEach
    void build() throws IOException {
        Path context = Files.createDirectory(directory.resolve("context"));
        Files.writeString(context.resolve("file"), "content");
        Files.writeString(context.resolve("Dockerfile"), """
                FROM %s
                RUN mkdir -p /d/sub && echo 1 > /d/sub/f && ln /d/sub/f /d/hard && ln -s sub /d/soft && mkfifo /d/fifo \\
                    && chmod 4755 /d/hard && chown 4000000:5 /d/sub && touch /d/%s
                RUN rm /d/hard && rm -r /d/sub && mkdir /d/sub && echo 2 > /d/sub/g
                COPY file /a/b/c/
                ENV A=b
                """.formatted(Target.IMAGE, "l".repeat(150)));
        target.docker().ok("build", "-t", NAME, context.toString());
    }

    @AfterEach
    void remove() {
        target.docker().run("rmi", "-f", NAME);
    }

    private String skopeo(String... arguments) {
        return Skopeo.runIn(target.inNamespace(), arguments).ok();
    }

    private String digestOf(String source) {
        return skopeo("inspect", "--tls-verify=false", "--format", "{{.Digest}}", source);
    }

    /** Removes what is here and takes it from an archive; returns what it is then. */
    private Digests loaded(Path archive, String name) {
        target.docker().ok("rmi", "-f", NAME);
        assertThat(target.docker().ok("load", "-i", archive.toString())).contains(name);
        Digests digests = digests(name);
        if (!name.equals(NAME)) {
            target.docker().ok("tag", name, NAME);
            target.docker().ok("rmi", name);
        }
        return digests;
    }

    @Test
    void dockerArchivesBySkopeo() {
        Digests own = digests(NAME);
        Path saved = directory.resolve("saved.tar");
        Path copied = directory.resolve("copied.tar");
        target.docker().ok("save", "-o", saved.toString(), NAME);
        skopeo("copy", "docker-archive:" + saved, "docker-archive:" + copied + ":" + NAME + ":round");
        assertThat(loaded(copied, NAME + ":round")).isEqualTo(own);
        Path again = directory.resolve("again.tar");
        target.docker().ok("save", "-o", again.toString(), NAME);
        assertThat(SavedImage.read(again)).isEqualTo(SavedImage.read(saved));
    }

    @Test
    void layoutsAndRegistriesBySkopeo() throws IOException {
        Digests own = digests(NAME);
        target.docker().ok("tag", NAME, registry + "pushed:1");
        target.docker().ok("push", registry + "pushed:1");
        target.docker().ok("rmi", registry + "pushed:1");
        String manifest = digestOf("docker://" + registry + "pushed:1");
        Path layout = directory.resolve("layout");
        skopeo(
                "copy",
                "--src-tls-verify=false",
                "--preserve-digests",
                "docker://" + registry + "pushed:1",
                "oci:" + layout + ":1");
        JsonNode index = GoldenNormaliser.JSON.readTree(Files.readString(layout.resolve("index.json")));
        assertThat(index.path("manifests").path(0).path("digest").asString()).isEqualTo(manifest);
        skopeo(
                "copy",
                "--dest-tls-verify=false",
                "--preserve-digests",
                "oci:" + layout + ":1",
                "docker://" + registry + "back:1");
        assertThat(digestOf("docker://" + registry + "back:1")).isEqualTo(manifest);

        target.docker().ok("rmi", "-f", NAME);
        assertThat(target.docker().ok("pull", registry + "back:1")).contains("Digest: " + manifest);
        assertThat(digests(registry + "back:1")).isEqualTo(own);
        Path saved = directory.resolve("pulled.tar");
        target.docker().ok("save", "-o", saved.toString(), registry + "back:1");
        assertThat(digestOf("oci-archive:" + saved))
                .as("saved as it was pulled")
                .isEqualTo(manifest);
        target.docker().ok("rmi", registry + "back:1");

        Path archive = directory.resolve("layout.tar");
        skopeo("copy", "--preserve-digests", "oci:" + layout + ":1", "oci-archive:" + archive + ":" + NAME + ":layout");
        assertThat(loaded(archive, NAME + ":layout")).isEqualTo(own);
        target.docker().ok("tag", NAME, registry + "loaded:1");
        assertThat(target.docker().ok("push", registry + "loaded:1"))
                .as("pushed as it was loaded")
                .contains("digest: " + manifest);
        target.docker().ok("rmi", registry + "loaded:1");
    }

    @Test
    void archivesAndRegistriesByBuildah() throws IOException {
        Digests own = digests(NAME);
        target.docker().ok("tag", NAME, registry + "for-buildah:1");
        target.docker().ok("push", registry + "for-buildah:1");
        target.docker().ok("rmi", registry + "for-buildah:1");
        String manifest = digestOf("docker://" + registry + "for-buildah:1");
        try (Buildah buildah = Buildah.open(target)) {
            String pulled = registry + "for-buildah:1";
            buildah.run("pull", "-q", "--tls-verify=false", pulled).ok();
            assertThat(buildah.run("inspect", "--type", "image", "-f", "{{.FromImageID}} {{.FromImageDigest}}", pulled)
                            .ok())
                    .isEqualTo(own.id().substring("sha256:".length()) + " " + manifest);
            // To where it came from and to another registry, which gets layers that buildah has compressed anew.
            Path archive = directory.resolve("buildah.tar");
            buildah.run("push", "-q", pulled, "docker-archive:" + archive + ":" + NAME + ":buildah")
                    .ok();
            buildah.run("push", "-q", "--tls-verify=false", pulled, "docker://" + registry + "from-buildah:1")
                    .ok();
            Path layout = directory.resolve("buildah.oci");
            buildah.run("push", "-q", pulled, "oci-archive:" + layout + ":" + NAME + ":oci")
                    .ok();
            assertThat(loaded(archive, NAME + ":buildah")).isEqualTo(own);
            assertThat(loaded(layout, NAME + ":oci")).isEqualTo(own);
        }
        assertThat(digestOf("docker://" + registry + "from-buildah:1")).isEqualTo(manifest);
        target.docker().ok("rmi", "-f", NAME);
        target.docker().ok("pull", registry + "from-buildah:1");
        assertThat(digests(registry + "from-buildah:1")).isEqualTo(own);
        target.docker().ok("rmi", registry + "from-buildah:1");
        for (String repository : List.of("pushed", "back", "loaded")) {
            target.docker().run("rmi", registry + repository + ":1");
        }
    }
}
