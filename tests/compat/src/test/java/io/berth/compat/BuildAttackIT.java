package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dockerfiles and contexts that try to reach the host. See docs/THREAT_MODEL.md. */
@CompatTest
class BuildAttackIT {
    private static final String NAME = "berth-test/attack";

    @TempDir
    Path context;

    @TempDir
    Path outside;

    private final String secret = UUID.randomUUID().toString();
    private final Target target;

    BuildAttackIT(Target target) {
        this.target = target;
    }

    @BeforeEach
    void makeSecret() throws IOException {
        Files.writeString(outside.resolve("secret"), secret);
    }

    @AfterEach
    void removeImages() {
        target.removeImages(NAME);
    }

    private Outcome build(String... lines) throws IOException {
        Files.writeString(
                context.resolve("Dockerfile"), "FROM " + Target.IMAGE + "\n" + String.join("\n", lines) + "\n");
        return target.docker().classic().run("build", "--no-cache", "-t", NAME, context.toString());
    }

    private void unseen(Outcome outcome) {
        assertThat(outcome.out() + outcome.err()).doesNotContain(secret);
        if (outcome.exitCode() == 0) {
            Outcome found = target.docker().run("run", "--rm", NAME, "grep", "-r", secret, "/x", "/y");
            assertThat(found.out()).doesNotContain(secret);
        }
    }

    /** Links of a context lead nowhere but into the context (CVE-2024-9341, kaniko's and buildah's kin). */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "COPY link /x",
                "COPY links /x",
                "COPY links/* /x/",
                "COPY dir/secret /x",
                "ADD link /x",
                "RUN --mount=type=bind,source=link,target=/x cat /x",
                "RUN --mount=type=bind,source=dir,target=/x cat /x/secret",
                "RUN --mount=type=bind,source=../..,target=/x cat /x/secret",
                "RUN --mount=type=bind,source=dir,target=/x,rw cat /x/secret",
                "RUN --mount=type=cache,from=dir,source=/,target=/x cat /x/secret",
                "RUN --mount=type=cache,id=../../../../secret,target=/x cat /x/secret",
            })
    void linksOfAContextStayInside(String instruction) throws IOException {
        Files.createSymbolicLink(context.resolve("link"), outside.resolve("secret"));
        Files.createSymbolicLink(context.resolve("dir"), outside);
        Files.createDirectory(context.resolve("links"));
        Files.createSymbolicLink(context.resolve("links/up"), Path.of("../".repeat(20) + outside + "/secret"));
        unseen(build(instruction));
    }

    /** Links of an image are followed inside the image when files are copied into it. */
    @Test
    void copyingThroughLinksOfAnImageStaysInside() throws IOException {
        Files.writeString(context.resolve("file"), "planted");
        Outcome built = build(
                "RUN ln -s " + outside + " /out && ln -s ../../../../../.." + outside + " /up",
                "COPY file /out/file",
                "COPY file /up/",
                "WORKDIR /out/below",
                "RUN touch here");
        built.exited(0);
        assertThat(outside).isDirectoryNotContaining("glob:**{file,below}");
        assertThat(target.docker().ok("run", "--rm", NAME, "cat", outside + "/file"))
                .isEqualTo("planted");
    }

    /** What cleans up after mounts removes nothing of the host's, whatever a command has put there (CVE-2024-23652). */
    @Test
    void cleaningUpAfterMountsStaysInside() throws IOException {
        Files.createDirectory(outside.resolve("empty"));
        Outcome built = build(
                "RUN --mount=type=cache,target=/a/b/c true",
                "RUN --mount=type=tmpfs,target=/m/empty mv /m /n; ln -s " + outside + " /m; true",
                "RUN --mount=type=tmpfs,target=/p/q true; rm -rf /p 2>/dev/null; ln -sfn " + outside + " /p; true");
        built.exited(0);
        assertThat(outside.resolve("empty")).isDirectory();
        assertThat(outside.resolve("secret")).exists();
    }

    /** A cache's contents are somebody else's: what one build leaves there leads another one nowhere (CVE-2024-23651). */
    @Test
    void aSharedCacheLeadsNowhere() throws IOException {
        build("RUN --mount=type=cache,id=shared-attack,target=/c ln -s " + outside + " /c/link && ln -s / /c/root")
                .exited(0);
        Outcome second = build("RUN --mount=type=cache,id=shared-attack,target=/c cat /c/link/secret /c/root" + outside
                + "/secret > /x; true");
        unseen(second);
    }

    /** Nor does one that another build changes while it is mounted, whichever part of it is asked for (CVE-2024-23651, CVE-2024-11218). */
    @Test
    void aCacheThatIsChangedMeanwhileLeadsNowhere() throws IOException {
        Path other = Files.createTempDirectory(outside, "other");
        Files.writeString(
                other.resolve("Dockerfile"),
                "FROM " + Target.IMAGE + "\nRUN --mount=type=cache,id=raced-attack,target=/c while :; do rm -rf /c/sub;"
                        + " mkdir /c/sub; rm -rf /c/sub; ln -s " + outside + " /c/sub; done\n");
        try (Running swapping = target.docker().classic().start("build", "--no-cache", other.toString())) {
            for (String source : List.of("", ",source=sub", ",source=sub/../sub")) {
                for (int i = 0; i < 3; i++) {
                    String mount = "type=cache,id=raced-attack,target=/c" + source;
                    unseen(build("RUN --mount=" + mount + " for i in $(seq 300); do cat /c/secret /c/sub/secret; done"
                            + " > /x 2>/dev/null; touch /c/sub/planted /c/planted; true"));
                }
            }
            assertThat(swapping.isRunning()).as(swapping.errUntilNow()).isTrue();
            swapping.terminate();
        }
        assertThat(outside).isDirectoryNotContaining("glob:**planted");
        target.docker().run("builder", "prune", "-af");
    }

    /** Links of a stage lead nowhere but into that stage, and links below a target into the step's own files. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "COPY --from=evil /link/secret /x",
                "COPY --from=evil /link /x",
                "COPY --from=evil /up/secret /y",
                "COPY --link --from=evil /link/secret /x",
                "COPY --parents --from=evil /link/./secret /x/",
                "RUN --mount=type=bind,from=evil,source=/link,target=/x cat /x/secret",
                "RUN --mount=type=bind,from=evil,source=/up,target=/x,rw cat /x/secret && touch /x/planted",
                "RUN --mount=type=cache,from=evil,source=/link,target=/x cat /x/secret",
                "RUN ln -s $OUTSIDE /to\nRUN --mount=type=tmpfs,target=/to/sub touch /to/sub/planted",
                "RUN ln -s $OUTSIDE /to\nRUN --mount=type=cache,target=/to/sub touch /to/sub/planted",
                "RUN ln -s $OUTSIDE /to\nRUN --mount=type=bind,target=/to/sub touch /to/planted",
                "RUN ln -s $OUTSIDE /to\nRUN --mount=type=bind,target=/x/../to/sub touch /to/planted",
                "RUN --mount=type=tmpfs,target=/../../../x touch /x/planted",
            })
    void linksOfStagesAndTargetsStayInside(String instructions) throws IOException {
        String up = "../".repeat(20) + outside;
        Outcome built =
                build(("RUN ln -s $OUTSIDE /link && ln -s " + up + " /up\nFROM " + Target.IMAGE + "\n" + instructions)
                        .replace("$OUTSIDE", outside.toString())
                        .replace("evil", "0"));
        unseen(built);
        assertThat(outside).isDirectoryNotContaining("glob:**{planted,sub}");
    }

    /** A mount is made of its own keys; what else a mount of the kernel could be told is none of them (CVE-2024-9407). */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "type=bind,target=/x,bind-propagation=rshared",
                "type=bind,target=/x,z",
                "type=bind,target=/x,rbind",
                "type=bind,target=/x,lowerdir=/",
                "type=tmpfs,target=/x,size=1m:exec",
                "type=tmpfs,target=/x,tmpfs-mode=1777,dev",
                "type=cache,target=/x,upperdir=/etc",
                "type=secret,id=a,target=/x,source=/etc/shadow",
                "type=devpts,target=/x",
                "type=bind\n,target=/x",
            })
    void optionsAreNotSmuggledIntoMounts(String mount) throws IOException {
        Outcome refused = build("RUN --mount=" + mount + " ls /x");
        assertThat(refused.exitCode()).as(refused.toString()).isNotZero();
        assertThat(refused.out()).doesNotContain("root:");
    }

    /** What an image says of itself, and which image is named as a cache, makes it no result of a step (CVE-2024-24557). */
    @Test
    void anImageIsNotTakenForAResult() throws IOException {
        String command = "echo real > /result";
        Files.writeString(outside.resolve("poison"), "poison");
        String poisoner = target.docker().ok("create", Target.IMAGE, "/bin/sh", "-c", command);
        try {
            target.docker().ok("cp", outside.resolve("poison").toString(), poisoner + ":/result");
            target.docker().ok("commit", poisoner, NAME + ":poison");
        } finally {
            target.docker().ok("rm", poisoner);
        }
        Files.writeString(context.resolve("Dockerfile"), "FROM " + Target.IMAGE + "\nRUN " + command + "\n");
        List<DockerCli> doors = target.isBerth()
                ? List.of(target.docker(), target.docker().classic())
                : List.of(target.docker().classic());
        for (DockerCli docker : doors) {
            docker.ok("build", "-t", NAME, "--cache-from", NAME + ":poison", context.toString());
            assertThat(target.docker().ok("run", "--rm", NAME, "cat", "/result"))
                    .isEqualTo("real");
        }
    }

    /** A command is in the groups of its user and in no others (CVE-2023-25173). */
    @Test
    void commandsAreInTheirUsersGroupsOnly() throws IOException {
        build(
                        "RUN echo 'app:x:1000:1001::/:/bin/sh' >> /etc/passwd && echo 'extra:x:77:app' >> /etc/group",
                        "RUN id -G > /root-groups",
                        "WORKDIR /w",
                        "RUN chmod 777 /w",
                        "USER app",
                        "RUN id -G > app",
                        "USER 1000:5",
                        "RUN id -G > numbers",
                        "USER 4321",
                        "RUN id -G > unknown")
                .exited(0);
        assertThat(target.docker().ok("run", "--rm", NAME, "cat", "/root-groups", "/w/app", "/w/numbers", "/w/unknown"))
                .isEqualTo("0\n1001 77\n5\n0");
    }

    /** No image is fetched and run to read a Dockerfile, whoever asks for it. */
    @Test
    @BerthOnly
    void otherFrontendsAreNotRun() throws IOException {
        String frontend = "localhost:" + target.berth().port() + "/attack/frontend:1";
        target.docker().ok("tag", Target.IMAGE, frontend);
        target.docker().ok("push", frontend);
        target.docker().ok("rmi", frontend);
        Files.writeString(
                context.resolve("Dockerfile"), "# syntax=" + frontend + "\nFROM " + Target.IMAGE + "\nRUN true\n");
        for (DockerCli docker : List.of(target.docker(), target.docker().classic())) {
            Outcome built = docker.run("build", "-t", NAME, context.toString());
            assertThat(target.docker()
                            .ok("images", "-q", "localhost:" + target.berth().port() + "/attack/frontend"))
                    .as(built.toString())
                    .isEmpty();
        }
        Files.writeString(context.resolve("Dockerfile"), "FROM " + Target.IMAGE + "\nRUN true\n");
        Outcome asked = target.docker()
                .run("build", "--build-arg", "BUILDKIT_SYNTAX=" + frontend, "-t", NAME, context.toString());
        assertThat(target.docker()
                        .ok("images", "-q", "localhost:" + target.berth().port() + "/attack/frontend"))
                .as(asked.toString())
                .isEmpty();
    }

    /** A command has no more of the host than any container. */
    @Test
    void commandsAreIsolated() throws IOException {
        Outcome built = build(
                "RUN mount -t tmpfs none /mnt && exit 1 || true",
                "RUN test \"$(cat /proc/1/comm)\" != systemd && test ! -e /dev/kmsg && test ! -e /run/docker.sock",
                "RUN ! cat /proc/kcore > /dev/null 2>&1 || test ! -s /proc/kcore",
                "RUN ! mknod /dev/sdz b 8 0 || ! head -c 1 /dev/sdz");
        built.exited(0);
    }

    /** Without being granted twice, in the file and by the client, nothing more is given. */
    @Test
    void entitlementsAreGrantedTwice() throws IOException {
        assertThat(build("RUN --security=insecure id").exited(1).err()).contains("security.insecure is not allowed");
        assertThat(build("RUN --network=host id").exited(1).err()).contains("network.host is not allowed");
        if (!target.isBerth()) {
            return;
        }
        List<String> kit = List.of("build", "--no-cache", "-t", NAME, context.toString());
        assertThat(target.docker().run(kit.toArray(String[]::new)).exited(1).err())
                .contains("network.host is not allowed");
        // Granted, but not asked for.
        Files.writeString(
                context.resolve("Dockerfile"),
                "FROM " + Target.IMAGE + "\nRUN ! mount -t tmpfs none /mnt\nRUN test ! -e /sys/class/net/berth0\n");
        target.docker()
                .ok(
                        "build",
                        "--no-cache",
                        "--allow",
                        "security.insecure",
                        "--allow",
                        "network.host",
                        "-t",
                        NAME,
                        context.toString());
    }

    /** The request itself. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/build?dockerfile=../../etc/passwd",
                "/build?buildargs=%7Bnot-json",
                "/build?t=Not%20A%20Name",
                "/build?platform=a/b/c/d/e",
                "/build?memory=many",
                "/build?squash=1",
                "/build?ulimits=%5B%7B%22Name%22:%22nofile%22,%22Soft%22:9,%22Hard%22:1%7D%5D&dockerfile=nosuch",
            })
    void malformedRequestsAreRefused(String path) throws IOException {
        RawHttp.Response refused = target.http().post("/v1.45" + path, "not a tar archive");
        assertThat(refused.status()).as(refused.body()).isEqualTo(400);
        assertThat(refused.body()).contains("\"message\"");
    }

    /** Nothing of all that is left. */
    @Test
    @BerthOnly
    void nothingIsLeft() throws IOException {
        build("RUN exit 1");
        for (String directory : List.of("image/unpack", "image/uploads", "engine/containers")) {
            Path left = target.berth().dataDirectory().resolve(directory);
            Eventually.holds(Duration.ofSeconds(10), () -> isEmpty(left), () -> "left in " + left);
        }
    }

    private static boolean isEmpty(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
