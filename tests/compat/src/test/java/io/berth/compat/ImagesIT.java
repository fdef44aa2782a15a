package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Images on the node: import, load, save, tag, list, inspect, history, remove. */
@CompatTest
class ImagesIT {
    private final Target target;

    ImagesIT(Target target) {
        this.target = target;
    }

    @Test
    void anImportedImageIsListedAndInspected() {
        assertThat(target.docker().ok("images", "--format", "{{.Repository}}:{{.Tag}}"))
                .contains(Target.IMAGE);
        assertThat(target.docker().ok("inspect", "--format", "{{.Id}}", Target.IMAGE))
                .matches("sha256:[0-9a-f]{64}");
        assertThat(target.docker().ok("inspect", "--format", "{{.Os}} {{json .Config.Cmd}}", Target.IMAGE))
                .isEqualTo("linux [\"/bin/sh\"]");
        assertThat(target.docker().ok("inspect", "--format", "{{len .RootFS.Layers}}", Target.IMAGE))
                .isEqualTo("1");
        assertThat(target.docker().ok("history", "-q", "--no-trunc", Target.IMAGE))
                .startsWith("sha256:");
    }

    @Test
    void tagsNameTheSameImageAndAreRemovedOneByOne() {
        target.docker().ok("tag", Target.IMAGE, "berth-test/other:one");
        target.docker().ok("tag", Target.IMAGE, "berth-test/other:two");

        assertThat(id("berth-test/other:one")).isEqualTo(id(Target.IMAGE));
        assertThat(target.docker().ok("rmi", "berth-test/other:one")).contains("Untagged: berth-test/other:one");
        target.docker().run("inspect", "berth-test/other:one").exited(1);
        assertThat(target.docker().ok("rmi", "berth-test/other:two")).doesNotContain("Deleted:");
        assertThat(id(Target.IMAGE)).startsWith("sha256:");
    }

    @Test
    void anImageIsFoundByShortIdAndRemovedWithItsLastTag() throws IOException {
        Path tar = rootWith("removed");
        String id = target.docker().ok("import", tar.toString(), "berth-test/removed:1");

        assertThat(id(id.substring(7, 19))).isEqualTo(id);
        assertThat(target.docker().ok("rmi", "berth-test/removed:1"))
                .contains("Untagged: berth-test/removed:1", "Deleted: " + id);
        assertThat(target.docker().run("rmi", "berth-test/removed:1").exited(1).err())
                .contains("No such image");
    }

    @Test
    void anArchiveIsImportedFromItsAddress() throws IOException {
        Path tar = rootWith("fetched");
        String server = target.docker()
                .ok(
                        "run",
                        "-d",
                        "--network=host",
                        "-v",
                        tar.getParent() + ":/www:ro",
                        Target.IMAGE,
                        "busybox",
                        "httpd",
                        "-f",
                        "-p",
                        "127.0.0.1:18099",
                        "-h",
                        "/www");
        try {
            String url = "http://127.0.0.1:18099/" + tar.getFileName();
            Eventually.holds(
                    Duration.ofSeconds(20),
                    () -> target.docker()
                                    .run("import", url, "berth-test/fetched:1")
                                    .exitCode()
                            == 0,
                    () -> target.docker().ok("logs", server));
            assertThat(target.docker()
                            .ok("inspect", "-f", "{{.Comment}} {{len .RootFS.Layers}}", "berth-test/fetched:1"))
                    .isEqualTo("Imported from " + url + " 1");
            assertThat(target.docker().run("import", url + ".none").exited(1).err())
                    .contains("404");
        } finally {
            target.docker().ok("rm", "-f", server);
        }
        target.docker().ok("rmi", "berth-test/fetched:1");
    }

    @Test
    void anImageInUseIsNotRemoved() throws IOException {
        target.docker().ok("import", rootWith("in-use").toString(), "berth-test/in-use:1");
        String container = target.docker().ok("create", "berth-test/in-use:1", "true");
        try {
            assertThat(target.docker()
                            .run("rmi", "berth-test/in-use:1")
                            .exited(1)
                            .err())
                    .contains("conflict", container.substring(0, 12));
        } finally {
            target.docker().ok("rm", container);
        }
        target.docker().ok("rmi", "berth-test/in-use:1");
    }

    @Test
    void whatWasSavedIsLoadedWithTheSameId() {
        Path archive = target.scratch().resolve("saved.tar");
        target.docker().ok("tag", Target.IMAGE, "berth-test/saved:1");
        String id = id("berth-test/saved:1");
        target.docker().ok("save", "-o", archive.toString(), "berth-test/saved:1");
        target.docker().ok("rmi", "berth-test/saved:1");

        assertThat(target.docker().ok("load", "-i", archive.toString())).contains("Loaded image: berth-test/saved:1");
        assertThat(id("berth-test/saved:1")).isEqualTo(id);
        target.docker().ok("rmi", "berth-test/saved:1");
    }

    @Test
    void skopeoReadsAndWritesTheDaemonsArchives() {
        Path archive = target.scratch().resolve("for-skopeo.tar");
        target.docker().ok("save", "-o", archive.toString(), Target.IMAGE);
        Path oci = target.scratch().resolve("oci-archive.tar");

        Skopeo.run("copy", "docker-archive:" + archive, "oci-archive:" + oci + ":berth-test/from-oci:1")
                .ok();
        Path back = target.scratch().resolve("back.tar");
        Skopeo.run("copy", "oci-archive:" + oci, "docker-archive:" + back + ":berth-test/from-skopeo:1")
                .ok();
        target.docker().ok("load", "-i", back.toString());

        assertThat(target.docker().ok("run", "--rm", "berth-test/from-skopeo:1", "echo", "fine"))
                .isEqualTo("fine");
        target.docker().ok("rmi", "berth-test/from-skopeo:1");
    }

    @Test
    void filesKeepOwnerModeAndLinks() throws IOException {
        Path root = Files.createTempDirectory(target.scratch(), "root");
        Path tar = target.scratch().resolve("modes.tar");
        shell(
                "mkdir -p d && echo text > d/file && ln d/file hard && ln -s d/file soft"
                        + " && chown 1234:4321 d/file && chmod 4751 d/file && tar --numeric-owner -cf " + tar + " .",
                root);
        target.docker().ok("import", tar.toString(), "berth-test/modes:1");
        Path archive = target.scratch().resolve("modes-saved.tar");
        target.docker().ok("save", "-o", archive.toString(), "berth-test/modes:1");

        String listing = shell(
                "mkdir out && tar -C out -xf " + archive
                        + " && find out -type f -exec tar --numeric-owner -tvf {} ';' 2>/dev/null || true",
                root);
        assertThat(listing).contains("-rwsr-x--x 1234/4321", "soft -> d/file", "link to");
        target.docker().ok("rmi", "berth-test/modes:1");
    }

    private Path rootWith(String content) throws IOException {
        Path root = Files.createTempDirectory(target.scratch(), "root");
        Files.writeString(root.resolve("file"), content);
        Path tar = target.scratch().resolve(content + ".tar");
        shell("tar -cf " + tar + " file", root);
        return tar;
    }

    private static String shell(String script, Path directory) {
        return Running.run(
                        java.util.List.of("sh", "-ec", "cd " + directory + "; " + script),
                        java.util.Map.of(),
                        new byte[0],
                        java.time.Duration.ofMinutes(1))
                .ok();
    }

    private String id(String reference) {
        return target.docker().ok("inspect", "--type", "image", "--format", "{{.Id}}", reference);
    }
}
