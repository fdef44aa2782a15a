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

/**
 * Flags of instructions, and options of {@code docker build}, that the reference of {@link DockerfilesIT} has not or cannot show. Which
 * test is for which is told in docs/DOCKERFILE.md.
 */
@CompatTest
@BerthOnly
class BuildFlagsIT {
    private static final String NAME = "berth-test/flags";
    private static final int PORT = 8098;
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    @TempDir
    Path context;

    @TempDir
    Path outside;

    private final Target target;

    BuildFlagsIT(Target target) {
        this.target = target;
    }

    @BeforeEach
    @AfterEach
    void removeImages() {
        target.removeImages(NAME);
    }

    private void file(String path, String content) throws IOException {
        Path file = context.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private void dockerfile(String... lines) throws IOException {
        file("Dockerfile", "FROM " + Target.IMAGE + "\n" + String.join("\n", lines) + "\n");
    }

    private Outcome attempt(String... options) {
        List<String> command = new ArrayList<>(List.of("build", "--progress=plain", "-t", NAME));
        command.addAll(List.of(options));
        command.add(context.toString());
        return target.docker().run(command.toArray(String[]::new));
    }

    private String build(String... options) {
        return attempt(options).exited(0).err();
    }

    private String run(String... command) {
        List<String> all = new ArrayList<>(List.of("run", "--rm", NAME));
        all.addAll(List.of(command));
        return target.docker().ok(all.toArray(String[]::new));
    }

    /** Files and links below a directory of what was built, sorted. */
    private String tree(String directory) {
        return run("sh", "-c", "cd " + directory + " && find . ! -type d | sort | tr '\\n' ' '")
                .strip();
    }

    private static void shell(Path directory, String script) {
        Running.run(
                        List.of("sh", "-ec", "cd \"$0\"; " + script, directory.toString()),
                        Map.of("HOME", directory.toString(), "GIT_CONFIG_NOSYSTEM", "1"),
                        new byte[0],
                        TIMEOUT)
                .ok();
    }

    @Test
    void copyKeepsParents() throws IOException {
        file("x/a.txt", "a");
        file("x/y/b.txt", "b");
        file("z/c.txt", "c");
        dockerfile(
                "COPY --parents x/a.txt x/y/b.txt /whole/",
                "COPY --parents ./x/./y/*.txt /cut/",
                "COPY --parents **/*.txt /found/");
        build();
        assertThat(tree("/whole")).isEqualTo("./x/a.txt ./x/y/b.txt");
        assertThat(tree("/cut")).isEqualTo("./y/b.txt");
        assertThat(tree("/found")).isEqualTo("./x/a.txt ./x/y/b.txt ./z/c.txt");
    }

    @Test
    void copyAndAddExclude() throws IOException {
        for (String name : List.of("d/a.txt", "d/b.md", "d/sub/c.txt", "d/sub/d.md", "d/keep.txt")) {
            file(name, name);
        }
        dockerfile(
                "COPY --exclude=*.txt --exclude=**/*.txt d /copied/",
                "ADD --exclude=sub d /added/",
                "COPY --exclude=**/*.txt --exclude=!**/keep.txt d /kept/");
        build();
        assertThat(tree("/copied")).isEqualTo("./b.md ./sub/d.md");
        assertThat(tree("/added")).isEqualTo("./a.txt ./b.md ./keep.txt");
        assertThat(tree("/kept")).isEqualTo("./b.md ./keep.txt ./sub/d.md");
    }

    /** With {@code --link} a layer does not depend on what is below it. */
    @Test
    void linkedLayersAreKeptOnAnotherBase() throws IOException {
        file("f", "linked");
        dockerfile("RUN echo one > /below", "COPY --link f /d/f");
        build();
        String layer = target.docker().ok("inspect", "-f", "{{index .RootFS.Layers 2}}", NAME);
        dockerfile("RUN echo two > /below", "COPY --link f /d/f");
        assertThat(build()).containsPattern("COPY --link f /d/f\n#\\d+ CACHED");
        assertThat(target.docker().ok("inspect", "-f", "{{index .RootFS.Layers 2}}", NAME))
                .isEqualTo(layer);
        assertThat(run("cat", "/below", "/d/f")).isEqualTo("two\nlinked");
    }

    @Test
    void addUnpacksOrNot() throws IOException {
        file("src/f", "packed");
        shell(context, "tar -C src -cf archive.tar f");
        dockerfile(
                "ADD archive.tar /default/", "ADD --unpack=false archive.tar /kept/", "ADD --unpack archive.tar /un/");
        build();
        assertThat(tree("/default")).isEqualTo("./f");
        assertThat(tree("/kept")).isEqualTo("./archive.tar");
        assertThat(tree("/un")).isEqualTo("./f");
    }

    @Test
    void addFetchesFilesThatHaveTheirChecksum() throws IOException {
        Files.writeString(outside.resolve("remote.txt"), "fetched");
        shell(outside, "tar -cf remote.tar remote.txt");
        String sum = Running.run(
                        List.of("sha256sum", outside.resolve("remote.txt").toString()), Map.of(), new byte[0], TIMEOUT)
                .ok()
                .substring(0, 64);
        try (Running _ = target.serve(outside, PORT)) {
            String url = "http://127.0.0.1:" + PORT;
            dockerfile(
                    "ADD --checksum=sha256:" + sum + " --chmod=640 --chown=5:6 " + url + "/remote.txt /a/",
                    "ADD " + url + "/remote.tar /b/",
                    "ADD --unpack=true " + url + "/remote.tar /c/",
                    "RUN stat -c '%a %u %g' /a/remote.txt > /stat");
            build();
            assertThat(run("cat", "/a/remote.txt", "/stat")).isEqualTo("fetched640 5 6");
            assertThat(tree("/b")).isEqualTo("./remote.tar");
            assertThat(tree("/c")).isEqualTo("./remote.txt");
            dockerfile("ADD --checksum=sha256:" + "0".repeat(64) + " " + url + "/remote.txt /a/");
            assertThat(attempt().exited(1).err()).contains("0000000000").contains(sum);
        }
    }

    @Test
    void addFetchesRepositories() throws IOException {
        shell(
                outside,
                "git init -q -b main work; cd work; git config user.name t; git config user.email t@example.invalid;"
                        + " mkdir sub; echo one > sub/f; echo top > top; git add .; git commit -qm one; git tag v1;"
                        + " echo two > sub/f; git commit -qam two; cd ..; git clone -q --bare work repo.git;"
                        + " git -C repo.git update-server-info");
        try (Running _ = target.serve(outside, PORT)) {
            String url = "http://127.0.0.1:" + PORT + "/repo.git";
            dockerfile(
                    "ADD " + url + " /head/",
                    "ADD " + url + "#v1:sub /tag/",
                    "ADD --keep-git-dir=true " + url + "#main /kept/");
            build();
            assertThat(tree("/head")).isEqualTo("./sub/f ./top");
            assertThat(run("cat", "/head/sub/f", "/tag/f")).isEqualTo("two\none");
            assertThat(run("sh", "-c", "ls -d /kept/.git /head/.git 2>/dev/null; true"))
                    .isEqualTo("/kept/.git");
            // The context itself, too.
            shell(
                    outside,
                    "cd work; printf 'FROM scratch\\nCOPY top /\\n' > Dockerfile; git add .; git commit -qm three;"
                            + " git push -q ../repo.git main; git -C ../repo.git update-server-info");
            target.docker().ok("build", "-t", NAME, url + "#main");
            assertThat(target.docker().ok("inspect", "-f", "{{len .RootFS.Layers}}", NAME))
                    .isEqualTo("1");
        }
    }

    /** Only what both the Dockerfile and the client ask for. */
    @Test
    void privilegesThatAreGrantedAreThere() throws IOException {
        dockerfile(
                "RUN --security=insecure grep CapEff /proc/self/status > /insecure",
                "RUN --security=sandbox grep CapEff /proc/self/status > /sandbox",
                "RUN --network=host ls /sys/class/net > /host",
                "RUN --network=default ls /sys/class/net > /bridge");
        build("--allow", "security.insecure", "--allow", "network.host");
        assertThat(run("cat", "/sandbox")).isNotEqualTo(run("cat", "/insecure"));
        assertThat(run("cat", "/host")).contains("berth0");
        assertThat(run("cat", "/bridge")).isEqualTo("eth0\nlo");
        assertThat(attempt("--allow", "network.host").exited(1).err()).contains("security.insecure is not allowed");
        dockerfile("RUN ls /sys/class/net > /host");
        build("--network", "none");
        assertThat(run("cat", "/host")).isEqualTo("lo");
    }

    @Test
    void cachesAreSharedAsTheySay() throws IOException {
        // Two stages that run at the same time; each says when it came and went.
        file("Dockerfile", """
                FROM %1$s AS one
                ARG SHARING
                RUN --mount=type=cache,id=flags-$SHARING,sharing=$SHARING,target=/c \
                    echo came >> /c/log; sleep 2; echo went >> /c/log; cp /c/log /one
                FROM %1$s AS two
                ARG SHARING
                RUN --mount=type=cache,id=flags-$SHARING,sharing=$SHARING,target=/c \
                    echo came >> /c/log; sleep 2; echo went >> /c/log; cp /c/log /two
                FROM %1$s
                COPY --from=one /one /
                COPY --from=two /two /
                RUN cat /one /two | tr '\\n' ' ' > /both
                """.formatted(Target.IMAGE));
        // The second one sees what the first one did, or each has its own.
        String alone = "came went";
        String second = alone + " " + alone;
        Map<String, List<String>> seen =
                Map.of("locked", List.of(alone + " " + second, second + " " + alone), "private", List.of(second));
        seen.forEach((sharing, expected) -> {
            build("--build-arg", "SHARING=" + sharing);
            assertThat(run("cat", "/both").strip()).as(sharing).isIn(expected);
        });
        build("--build-arg", "SHARING=shared");
        assertThat(run("cat", "/both")).contains("came came");
        target.docker().run("builder", "prune", "-af");
    }

    @Test
    void mountsHaveTheirOptions() throws IOException {
        file("seed/f", "seed");
        dockerfile(
                "RUN --mount=type=tmpfs,target=/t,size=1048576 ! dd if=/dev/zero of=/t/f bs=1M count=2 2>/dev/null && stat -c %s /t/f > /size",
                "RUN --mount=type=cache,target=/c,from=seed,source=d,ro cat /c/f > /seeded; ! touch /c/x",
                "RUN --mount=type=cache,target=/m,mode=0750,uid=3,gid=4,id=flags-owned stat -c '%a %u %g' /m > /owner");
        String dockerfile = Files.readString(context.resolve("Dockerfile"));
        file("Dockerfile", "FROM scratch AS seed\nCOPY seed /d\n" + dockerfile);
        build("--no-cache");
        assertThat(run("cat", "/size")).isEqualTo("1048576");
        assertThat(run("cat", "/seeded", "/owner")).isEqualTo("seed750 3 4");
    }

    /** What others take from a stage that is made again is what it has made now, in this build and in those after it. */
    @Test
    void stagesThatAreMadeAgainCountForThoseAfterThem() throws IOException {
        String random = "cat /proc/sys/kernel/random/uuid > ";
        file(
                "Dockerfile",
                "FROM " + Target.IMAGE + " AS other\nRUN " + random + "/other\n"
                        + "FROM " + Target.IMAGE + " AS Fresh\nRUN " + random + "/a\n"
                        + "FROM fresh AS child\nRUN cp /a /b\n"
                        + "FROM " + Target.IMAGE
                        + " AS mounts\nRUN --mount=from=fresh,target=/m cp /m/a /c && cp /m/a /d\n"
                        + "RUN cp /d /e\n"
                        + "FROM " + Target.IMAGE
                        + "\nCOPY --from=fresh /a /\nCOPY --from=child /b /\nCOPY --from=mounts /c /e /\nCOPY --from=other /other /\n"
                        + "RUN cp /a /f\n");
        build();
        String before = run("cat", "/a");
        String other = run("cat", "/other");
        build("--no-cache-filter", "fresh");
        String after = run("cat", "/a");
        assertThat(after).isNotEqualTo(before);
        assertThat(run("cat", "/b", "/c", "/e", "/f")).isEqualTo(String.join("\n", after, after, after, after));
        assertThat(run("cat", "/other")).isEqualTo(other);
        String id = target.docker().ok("inspect", "-f", "{{.Id}}", NAME);
        build();
        assertThat(target.docker().ok("inspect", "-f", "{{.Id}}", NAME)).isEqualTo(id);
    }

    @Test
    void optionsOfTheBuildCount() throws IOException {
        dockerfile(
                "RUN df -k /dev/shm | tail -n 1 | awk '{print $2}' > /shm; ulimit -n > /files; sed -n 's/.*pids*:.*\\(custom\\).*/\\1/p' /proc/self/cgroup > /group",
                "RUN cat /proc/sys/kernel/random/uuid > /random");
        build(
                "--shm-size",
                "32m",
                "--ulimit",
                "nofile=77:88",
                "--iidfile",
                outside.resolve("id").toString());
        assertThat(run("cat", "/shm", "/files")).isEqualTo("32768\n77");
        String id = target.docker().ok("inspect", "-f", "{{.Id}}", NAME);
        assertThat(outside.resolve("id")).hasContent(id);
        build(
                "--shm-size",
                "32m",
                "--ulimit",
                "nofile=77:88",
                "--metadata-file",
                outside.resolve("meta").toString());
        assertThat(Files.readString(outside.resolve("meta"))).contains("\"containerimage.config.digest\": \"" + id);
        assertThat(target.docker().ok("inspect", "-f", "{{.Id}}", NAME))
                .as("cached")
                .isEqualTo(id);
    }

    @Test
    void theImageIsOfThePlatformAskedFor() throws IOException {
        file("f", "foreign");
        file("Dockerfile", "FROM scratch\nARG TARGETARCH\nLABEL arch=$TARGETARCH\nCOPY f /\n");
        build("--platform", "linux/s390x");
        assertThat(target.docker().ok("inspect", "-f", "{{.Architecture}} {{.Config.Labels.arch}}", NAME))
                .isEqualTo("s390x s390x");
    }

    /** Another frontend is not fetched: the language is built in. */
    @Test
    void aSyntaxDirectiveNamesTheBuiltInLanguage() throws IOException {
        String dockerfile = "FROM " + Target.IMAGE + "\nRUN echo plain > /f\n";
        for (String directive : List.of("# syntax=docker/dockerfile:1", "#syntax = docker/dockerfile:1.7-labs")) {
            file("Dockerfile", directive + "\n" + dockerfile);
            build();
            assertThat(run("cat", "/f")).isEqualTo("plain");
        }
    }

    @Test
    void checksWarn() throws IOException {
        file("Dockerfile", "from " + Target.IMAGE + " as Upper\nRUN echo a > /a\nMAINTAINER x\n");
        assertThat(build()).contains("WARN");
        file("Dockerfile", "# check=error=true\nfrom " + Target.IMAGE + " as Upper\nRUN echo a > /a\nMAINTAINER x\n");
        assertThat(attempt().exited(1).err()).contains("lint");
        file("Dockerfile", "# check=skip=all\nfrom " + Target.IMAGE + " as Upper\nRUN echo a > /a\nMAINTAINER x\n");
        assertThat(build()).doesNotContain("WARN");
    }

    /** {@code NAME.dockerignore} is for the Dockerfile of that name. */
    @Test
    void eachDockerfileHasItsIgnoreFile() throws IOException {
        file("a", "a");
        file("b", "b");
        file(".dockerignore", "a");
        file("other.Dockerfile", "FROM " + Target.IMAGE + "\nCOPY . /all/\n");
        file("other.Dockerfile.dockerignore", "b\n*ockerfile*\n.dockerignore\n");
        build("-f", context.resolve("other.Dockerfile").toString());
        assertThat(tree("/all")).isEqualTo("./a");
    }
}
