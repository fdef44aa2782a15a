package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers' files from outside: cp, diff, export, commit, sizes and system df. */
@CompatTest
class FilesIT {
    private static final String LABEL = "berth.test=files";

    @TempDir
    Path host;

    private final Target target;

    FilesIT(Target target) {
        this.target = target;
    }

    @AfterEach
    void removeContainers() {
        for (String id :
                docker("ps", "-aq", "--filter", "label=" + LABEL).lines().toList()) {
            target.docker().run("rm", "-f", "-v", id);
        }
        for (String name : docker("volume", "ls", "-q", "--filter", "label=" + LABEL)
                .lines()
                .toList()) {
            target.docker().run("volume", "rm", name);
        }
    }

    private String docker(String... arguments) {
        return target.docker().ok(arguments);
    }

    private String running(String... options) {
        return created("run", "-d", options, "sleep", "1000");
    }

    private String created(String verb, String flag, String[] options, String... command) {
        List<String> all = new ArrayList<>(List.of(verb));
        if (!flag.isEmpty()) {
            all.add(flag);
        }
        all.addAll(List.of("--label", LABEL));
        all.addAll(List.of(options));
        all.add(Target.IMAGE);
        all.addAll(List.of(command));
        return docker(all.toArray(String[]::new));
    }

    @Test
    void copiesIntoAndOutOfARunningContainer() throws IOException {
        String id = running();
        Path tree = Files.createDirectories(host.resolve("tree/sub"));
        Files.writeString(tree.resolve("file"), "hello");
        Files.createSymbolicLink(host.resolve("tree/link"), Path.of("sub/file"));

        docker("cp", host.resolve("tree").toString(), id + ":/tmp/");
        assertThat(docker("exec", id, "cat", "/tmp/tree/link")).isEqualTo("hello");
        docker("cp", host.resolve("tree") + "/.", id + ":/srv-new");
        assertThat(docker("exec", id, "cat", "/srv-new/sub/file")).isEqualTo("hello");

        docker("exec", id, "sh", "-c", "echo changed > /tmp/tree/sub/file; mkdir -p /tmp/tree/deep/er");
        docker("cp", id + ":/tmp/tree", host.resolve("back").toString());
        assertThat(host.resolve("back/sub/file")).hasContent("changed\n");
        assertThat(host.resolve("back/deep/er")).isEmptyDirectory();
        assertThat(Files.readSymbolicLink(host.resolve("back/link"))).hasToString("sub/file");

        docker("cp", "-L", id + ":/tmp/tree/link", host.resolve("followed").toString());
        assertThat(host.resolve("followed")).isRegularFile().hasContent("changed\n");
        docker("cp", id + ":/tmp/tree/link", host.resolve("kept").toString());
        assertThat(host.resolve("kept")).isSymbolicLink();
        // A renamed single file.
        docker("cp", tree.resolve("file").toString(), id + ":/tmp/renamed");
        assertThat(docker("exec", id, "cat", "/tmp/renamed")).isEqualTo("hello");
    }

    @Test
    void copiesArchivesThroughPipes() throws IOException {
        String id = running();
        docker("exec", id, "sh", "-c", "mkdir -p /a/b && echo one > /a/b/c");
        Path tar = host.resolve("a.tar");
        shell("docker cp " + id + ":/a - > " + tar);
        assertThat(shell("tar tf " + tar).lines()).containsExactly("a/", "a/b/", "a/b/c");
        docker("exec", id, "mkdir", "/to");
        shell("gzip -c " + tar + " | docker cp - " + id + ":/to");
        assertThat(docker("exec", id, "cat", "/to/a/b/c")).isEqualTo("one");
    }

    private String shell(String script) {
        return target.docker().shell(script).ok();
    }

    @Test
    void copiesWhereLinksLead() throws IOException {
        String id = running();
        docker(
                "exec",
                id,
                "sh",
                "-c",
                "mkdir -p /var /run /real; ln -sfn /run /var/run; ln -s /real /alias; ln -s / /up");
        Path file = Files.writeString(host.resolve("pid"), "42");
        docker("cp", file.toString(), id + ":/var/run/");
        assertThat(docker("exec", id, "cat", "/run/pid")).isEqualTo("42");
        docker("cp", file.toString(), id + ":/alias/pid");
        assertThat(docker("exec", id, "cat", "/real/pid")).isEqualTo("42");
        assertThat(docker("cp", id + ":/up/real/pid", "-")).contains("42");
        assertThat(target.docker()
                        .run("cp", id + ":/nothing", host.toString())
                        .exited(1)
                        .err())
                .contains("Could not find the file /nothing in container " + id);
        assertThat(target.docker()
                        .run("cp", file.toString(), id + ":/nodir/x")
                        .exited(1)
                        .err())
                .contains("Could not find the file /nodir in container " + id);
    }

    @Test
    void copiesIntoAndOutOfAStoppedContainerAndItsVolumes() throws IOException {
        docker("volume", "create", "--label", LABEL, "files-it");
        Path bound = Files.createDirectories(host.resolve("bound"));
        Files.writeString(bound.resolve("there"), "bound");
        String id = created(
                "create",
                "",
                new String[] {"-v", "files-it:/data", "-v", bound + ":/bound:ro"},
                "cat",
                "/data/x",
                "/new");
        Path file = Files.writeString(host.resolve("x"), "volume");
        docker("cp", file.toString(), id + ":/data/x");
        docker("cp", file.toString(), id + ":/new");
        docker("cp", id + ":/bound/there", host.resolve("out").toString());
        assertThat(host.resolve("out")).hasContent("bound");
        assertThat(target.docker()
                        .run("cp", file.toString(), id + ":/bound/y")
                        .exited(1)
                        .err())
                .contains("mounted volume is marked read-only");
        assertThat(docker("start", "-a", id)).isEqualTo("volumevolume");
        docker("cp", id + ":/data", host.resolve("data").toString());
        assertThat(host.resolve("data/x")).hasContent("volume");

        String readOnly = running("--read-only", "-v", "files-it:/data");
        assertThat(target.docker()
                        .run("cp", file.toString(), readOnly + ":/tmp")
                        .exited(1)
                        .err())
                .contains("container rootfs is marked read-only");
        docker("cp", file.toString(), readOnly + ":/data/second");
        assertThat(docker("exec", readOnly, "cat", "/data/second")).isEqualTo("volume");
    }

    @Test
    void tellsWhatHasChanged() {
        String id = running();
        assertThat(docker("diff", id)).isEmpty();
        docker("exec", id, "sh", "-c", "mkdir /berth && echo x > /berth/new && rm /bin/true && echo y >> /etc/passwd");
        assertThat(docker("diff", id).lines())
                .contains("A /berth", "A /berth/new", "C /bin", "D /bin/true", "C /etc", "C /etc/passwd");
    }

    @Test
    void exportsAndCommits() {
        String id = running("-e", "A=1");
        docker("exec", id, "sh", "-c", "mkdir /made && echo x > /made/file && rm /bin/true && rm /etc/passwd");
        assertThat(shell("docker export " + id + " | tar t").lines())
                .contains("made/file", "bin/sh")
                .doesNotContain("bin/true")
                .doesNotContain("proc/self/");

        String image = docker(
                "commit",
                "-m",
                "said",
                "-a",
                "me",
                "-c",
                "CMD [\"cat\", \"/made/file\"]",
                "-c",
                "ENV B=2",
                id,
                "files-it:one");
        assertThat(image).startsWith("sha256:");
        assertThat(docker("inspect", "-f", "{{.Id}} {{.Comment}} {{.Author}}", "files-it:one"))
                .isEqualTo(image + " said me");
        assertThat(docker("run", "--rm", "files-it:one")).isEqualTo("x");
        assertThat(docker(
                        "run", "--rm", "files-it:one", "sh", "-c", "echo $A$B; ls /bin/true 2>/dev/null || echo gone"))
                .isEqualTo("12\ngone");
        assertThat(docker("run", "--rm", "files-it:one", "ls", "/etc")).doesNotContain("passwd");
        assertThat(docker("history", "--format", "{{.Comment}}", "files-it:one").lines())
                .first()
                .isEqualTo("said");
        docker("rmi", "files-it:one");
    }

    @Test
    void measuresWhatDuMeasures() throws IOException {
        String id = running();
        docker("exec", id, "sh", "-c", "dd if=/dev/urandom of=/big bs=1048576 count=20 2>/dev/null");
        long size = Long.parseLong(docker("inspect", "-s", "-f", "{{.SizeRw}}", id));
        assertThat(size).isBetween(20L << 20, (20L << 20) + 100_000);
        assertThat(docker("ps", "-s", "--filter", "id=" + id, "--format", "{{.Size}}"))
                .startsWith("21MB (virtual ");
        assertThat(docker("system", "df")).contains("Images", "Containers", "Local Volumes", "Build Cache");
        assertThat(docker("system", "df", "-v")).contains(id.substring(0, 12));
    }
}
