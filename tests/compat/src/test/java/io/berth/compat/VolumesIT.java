package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Volumes, binds, tmpfs and mounts as the stock client asks for them. */
@CompatTest
class VolumesIT {
    private static final String LABEL = "berth.test=volumes";

    private final Target target;

    VolumesIT(Target target) {
        this.target = target;
    }

    @AfterEach
    void removeEverything() {
        for (String id : target.docker()
                .ok("ps", "-aq", "--filter", "label=" + LABEL)
                .lines()
                .toList()) {
            target.docker().run("rm", "-fv", id);
        }
        for (String name : target.docker().ok("volume", "ls", "-q").lines().toList()) {
            target.docker().run("volume", "rm", name);
        }
    }

    private String run(String... arguments) {
        return target.docker().ok(removed(arguments));
    }

    private Outcome failing(String... arguments) {
        return target.docker().run(removed(arguments));
    }

    private static String[] removed(String... arguments) {
        return with(
                "run", Stream.concat(Stream.of("--rm"), Stream.of(arguments)).toArray(String[]::new));
    }

    private static String[] with(String verb, String... arguments) {
        return Stream.concat(Stream.of(verb, "--label", LABEL), Stream.of(arguments))
                .toArray(String[]::new);
    }

    @Test
    void volumesAreMadeShownAndRemoved() {
        assertThat(target.docker().ok("volume", "create", "--label", "a=b", "plain"))
                .isEqualTo("plain");
        assertThat(target.docker().ok("volume", "create", "plain")).isEqualTo("plain");
        String anonymous = target.docker().ok("volume", "create");
        assertThat(anonymous).matches("[0-9a-f]{64}");
        assertThat(target.docker().ok("volume", "inspect", "plain", "-f", "{{.Driver}} {{.Scope}} {{.Labels}}"))
                .isEqualTo("local local map[a:b]");
        assertThat(target.docker().ok("volume", "inspect", "plain", "-f", "{{.Mountpoint}}"))
                .endsWith("/volumes/plain/_data");
        assertThat(target.docker().ok("volume", "ls", "-q", "--filter", "name=plain"))
                .isEqualTo("plain");
        assertThat(target.docker().ok("volume", "ls", "-q", "--filter", "label=a=b"))
                .isEqualTo("plain");
        assertThat(target.docker().ok("volume", "ls", "--format", "{{.Driver}} {{.Name}}"))
                .contains("local plain")
                .contains("local " + anonymous);
        assertThat(target.docker().ok("volume", "rm", "plain")).isEqualTo("plain");
        assertThat(target.docker().run("volume", "inspect", "plain").exited(1).err())
                .contains("no such volume");
        assertThat(target.docker().run("volume", "rm", "plain").exited(1).err()).contains("no such volume");
        target.docker().ok("volume", "rm", "-f", "plain");
        assertThat(target.docker().run("volume", "create", "a b").exited(1).err())
                .contains("includes invalid characters for a local volume name");
        assertThat(target.docker()
                        .run("volume", "create", "-o", "x=y", "opts")
                        .exited(1)
                        .err())
                .contains("create opts: invalid option: \"x\"");
    }

    @Test
    void whatIsWrittenToAVolumeStays() {
        run("-v", "data:/data", Target.IMAGE, "sh", "-c", "echo kept > /data/file");
        assertThat(run("-v", "data:/elsewhere:ro", Target.IMAGE, "cat", "/elsewhere/file"))
                .isEqualTo("kept");
        assertThat(failing("-v", "data:/data:ro", Target.IMAGE, "touch", "/data/x")
                        .exited(1)
                        .err())
                .contains("Read-only file system");
        assertThat(run("--mount", "type=volume,src=data,dst=/d", Target.IMAGE, "cat", "/d/file"))
                .isEqualTo("kept");
    }

    @Test
    void aNewVolumeGetsWhatTheImageHas() {
        assertThat(run("-v", "filled:/etc", Target.IMAGE, "cat", "/etc/passwd")).contains("root");
        assertThat(run("-v", "filled:/x", Target.IMAGE, "cat", "/x/passwd")).contains("root");
        assertThat(run("-v", "empty:/etc:nocopy", Target.IMAGE, "ls", "-A", "/etc"))
                .doesNotContain("passwd");
        assertThat(run("--mount", "type=volume,src=filled,dst=/one,volume-subpath=passwd", Target.IMAGE, "cat", "/one"))
                .contains("root");
    }

    @Test
    void aVolumeInUseIsNotRemoved() {
        String id = target.docker().ok(with("create", "-v", "used:/data", Target.IMAGE, "true"));
        assertThat(target.docker().run("volume", "rm", "used").exited(1).err())
                .contains("remove used: volume is in use - [" + id + "]");
        assertThat(target.docker().ok("volume", "ls", "-q", "--filter", "dangling=true"))
                .isEmpty();
        assertThat(target.docker().ok("ps", "-aq", "--no-trunc", "--filter", "volume=used"))
                .isEqualTo(id);
        target.docker().ok("rm", "-v", id);
        assertThat(target.docker().ok("volume", "ls", "-q")).isEqualTo("used");
    }

    @Test
    void anonymousVolumesGoWithTheirContainerWhenAsked() {
        String kept = target.docker().ok(with("create", "-v", "/data", Target.IMAGE, "true"));
        String name = target.docker()
                .ok("inspect", kept, "-f", "{{range .Mounts}}{{.Type}} {{.Name}} {{.Destination}} {{.RW}}{{end}}");
        assertThat(name).matches("volume [0-9a-f]{64} /data true");
        target.docker().ok("rm", kept);
        assertThat(target.docker().ok("volume", "ls", "-q").lines()).hasSize(1);
        assertThat(target.docker().ok("volume", "prune", "-f")).contains("Deleted Volumes:");
        assertThat(target.docker().ok("volume", "ls", "-q")).isEmpty();

        String gone = target.docker().ok(with("create", "-v", "/data", Target.IMAGE, "true"));
        target.docker().ok("rm", "-v", gone);
        assertThat(target.docker().ok("volume", "ls", "-q")).isEmpty();
        run("-v", "/data", Target.IMAGE, "touch", "/data/x");
        assertThat(target.docker().ok("volume", "ls", "-q")).as("--rm").isEmpty();
    }

    @Test
    void pruneLeavesNamedVolumesUnlessAll() {
        target.docker().ok("volume", "create", "named");
        assertThat(target.docker().ok("volume", "prune", "-f")).contains("Total reclaimed space: 0B");
        assertThat(target.docker().ok("volume", "ls", "-q")).isEqualTo("named");
        assertThat(target.docker().ok("volume", "prune", "-af")).contains("named");
        assertThat(target.docker().ok("volume", "ls", "-q")).isEmpty();
    }

    @Test
    void filesOfTheHostAreBound() throws IOException {
        Path directory = Files.createDirectories(target.scratch().resolve("bound"));
        Path file = Files.writeString(directory.resolve("file"), "of the host");
        assertThat(run("-v", directory + ":/h", Target.IMAGE, "cat", "/h/file")).isEqualTo("of the host");
        run("-v", directory + ":/h", Target.IMAGE, "sh", "-c", "echo of the container > /h/new");
        assertThat(directory.resolve("new")).hasContent("of the container");
        assertThat(failing("-v", directory + ":/h:ro", Target.IMAGE, "touch", "/h/x")
                        .exited(1)
                        .err())
                .contains("Read-only file system");
        assertThat(run("-v", file + ":/etc/one:ro", Target.IMAGE, "cat", "/etc/one"))
                .isEqualTo("of the host");
        assertThat(run("--mount", "type=bind,src=" + file + ",dst=/one,readonly", Target.IMAGE, "cat", "/one"))
                .isEqualTo("of the host");

        Path missing = directory.resolve("not/yet");
        run("-v", missing + ":/h", Target.IMAGE, "true");
        assertThat(missing).isDirectory();
        for (Path made : List.of(missing, directory.resolve("not"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                    .isEqualTo("rwxr-xr-x");
        }
        assertThat(failing("--mount", "type=bind,src=/no/such,dst=/h", Target.IMAGE, "true")
                        .exited(125)
                        .err())
                .contains("invalid mount config for type \"bind\": bind source path does not exist: /no/such");
    }

    @Test
    void filesInMemoryHaveTheirOptions() {
        assertThat(run("--tmpfs", "/m:size=2m,mode=0700", Target.IMAGE, "sh", "-c", "grep ' /m ' /proc/mounts"))
                .contains("tmpfs /m tmpfs rw,nosuid,nodev,noexec")
                .contains("size=2048k")
                .contains("mode=700");
        assertThat(run(
                        "--mount",
                        "type=tmpfs,dst=/m,tmpfs-size=1m,tmpfs-mode=1770",
                        Target.IMAGE,
                        "sh",
                        "-c",
                        "grep ' /m ' /proc/mounts"))
                .contains("size=1024k")
                .contains("mode=1770");
        assertThat(failing("--tmpfs", "/m:odd", Target.IMAGE, "true").exitCode())
                .isEqualTo(125);
    }

    @Test
    void containersShareTheirVolumes() {
        String owner =
                target.docker().ok(with("create", "-v", "/shared", "-v", "name:/named:ro", Target.IMAGE, "true"));
        run("--volumes-from", owner, Target.IMAGE, "sh", "-c", "echo shared > /shared/file");
        assertThat(run("--volumes-from", owner + ":ro", Target.IMAGE, "cat", "/shared/file"))
                .isEqualTo("shared");
        assertThat(failing("--volumes-from", owner + ":ro", Target.IMAGE, "touch", "/shared/x")
                        .exited(1)
                        .err())
                .contains("Read-only file system");
        assertThat(failing("--volumes-from", owner, Target.IMAGE, "touch", "/named/x")
                        .exited(1)
                        .err())
                .contains("Read-only file system");
        assertThat(target.docker().ok("volume", "ls", "-q").lines()).hasSize(2);
    }

    @Test
    void wrongMountsAreRefused() {
        assertThat(failing("-v", "a1:/x", "-v", "b1:/x", Target.IMAGE, "true")
                        .exited(125)
                        .err())
                .contains("Duplicate mount point: /x");
        assertThat(failing("-v", "/tmp:/", Target.IMAGE, "true").exited(125).err())
                .contains("destination can't be '/'");
        assertThat(failing("-v", "a1:/x:odd", Target.IMAGE, "true").exited(125).err())
                .contains("invalid mode: odd");
    }

    @Test
    void aFileSystemIsMountedWhileItIsUsed() {
        target.docker()
                .ok("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "-o", "o=size=1m,uid=7", "memory");
        String id = target.docker()
                .ok(with("run", "-d", "-v", "memory:/m", Target.IMAGE, "sh", "-c", "echo x > /m/f; sleep 1000"));
        assertThat(target.docker().ok("exec", id, "sh", "-c", "stat -c %u /m; grep ' /m ' /proc/mounts"))
                .startsWith("7")
                .contains("tmpfs /m tmpfs");
        assertThat(run("-v", "memory:/other", Target.IMAGE, "cat", "/other/f")).isEqualTo("x");
        target.docker().ok("rm", "-f", id);
        assertThat(run("-v", "memory:/other", Target.IMAGE, "ls", "-A", "/other"))
                .isEmpty();
        target.docker().ok("volume", "rm", "memory");
    }

    @Test
    void eventsTellWhoMountsWhat() {
        String since = Long.toString(System.currentTimeMillis() / 1000 - 1);
        run("-v", "watched:/data", Target.IMAGE, "true");
        target.docker().ok("volume", "rm", "watched");
        List<String> seen = target.docker()
                .ok(
                        "events",
                        "--since",
                        since,
                        "--until",
                        Long.toString(System.currentTimeMillis() / 1000 + 1),
                        "--filter",
                        "volume=watched",
                        "--format",
                        "{{.Action}} {{.Actor.Attributes.driver}}")
                .lines()
                .toList();
        assertThat(seen).containsExactly("create local", "mount local", "unmount local", "destroy local");
    }
}
