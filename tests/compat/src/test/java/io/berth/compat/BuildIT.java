package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Builds by the classic builder's endpoint, as the CLI without buildx, docker-java, docker-py and Testcontainers use it. */
@CompatTest
class BuildIT {
    private static final String NAME = "berth-test/built";

    @TempDir
    Path context;

    private final Target target;
    private final DockerCli classic;

    BuildIT(Target target) {
        this.target = target;
        this.classic = target.docker().classic();
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

    /** Builds {@link #NAME}; returns what was printed. */
    private String build(String... options) {
        return attempt(options).exited(0).out();
    }

    private Outcome attempt(String... options) {
        List<String> command = new ArrayList<>(List.of("build", "-t", NAME));
        command.addAll(List.of(options));
        command.add(context.toString());
        return classic.run(command.toArray(String[]::new));
    }

    private String run(String... command) {
        List<String> all = new ArrayList<>(List.of("run", "--rm", NAME));
        all.addAll(List.of(command));
        return target.docker().ok(all.toArray(String[]::new));
    }

    private String inspect(String format) {
        return target.docker().ok("inspect", "-f", format, NAME);
    }

    private List<String> layers() {
        return List.of(inspect("{{join .RootFS.Layers \" \"}}").split(" "));
    }

    @Test
    void buildsAnImageThatRuns() throws IOException {
        file("src/a", "one\n");
        dockerfile(
                "ARG WHO=nobody",
                "ENV GREETING=\"hello $WHO\"",
                "WORKDIR /work/deep",
                "COPY src ./",
                "RUN echo \"$GREETING\" > greeting",
                "LABEL role=test",
                "EXPOSE 80 53/udp",
                "USER 1000:1001",
                "ENTRYPOINT [\"cat\"]",
                "CMD [\"greeting\", \"a\"]");
        String printed = build("--build-arg", "WHO=world", "--label", "more=yes");
        assertThat(printed)
                .contains("Step 1/11 : FROM ", "Successfully built ", "Successfully tagged " + NAME + ":latest");
        assertThat(run()).isEqualTo("hello world\none");
        assertThat(
                        inspect(
                                "{{.Config.WorkingDir}} {{.Config.User}} {{json .Config.Labels}} {{json .Config.ExposedPorts}}"))
                .isEqualTo("/work/deep 1000:1001 {\"more\":\"yes\",\"role\":\"test\"} {\"53/udp\":{},\"80/tcp\":{}}");
        assertThat(target.docker().ok("run", "--rm", "--entrypoint", "id", NAME, "-u"))
                .isEqualTo("1000");
    }

    @Test
    void tellsOfArgumentsThatNothingAskedFor() throws IOException {
        file(
                "Dockerfile",
                "FROM scratch AS other\nARG ELSEWHERE\nFROM " + Target.IMAGE
                        + "\nARG WANTED\nRUN echo $WANTED > /wanted\n");
        String printed = build(
                "--build-arg",
                "WANTED=a",
                "--build-arg",
                "ELSEWHERE=b",
                "--build-arg",
                "HTTP_PROXY=",
                "--build-arg",
                "LOST=c");
        assertThat(printed).contains("[Warning] One or more build-args [LOST] were not consumed");
        assertThat(build("--build-arg", "WANTED=a")).doesNotContain("not consumed");
    }

    @Test
    @BerthOnly
    void aDeviceThatIsNeededIsMissed() throws IOException {
        dockerfile("RUN --device=vendor.com/gpu=all echo without > /without");
        build();
        assertThat(run("cat", "/without")).isEqualTo("without");
        dockerfile("RUN --device=vendor.com/gpu=all,required true");
        assertThat(attempt().exited(1).err()).contains("required device \"vendor.com/gpu=all\" is not registered");
    }

    @Test
    void buildsOnlyWhatHasChanged() throws IOException {
        file("one/file", "1");
        file("two/file", "2");
        dockerfile("RUN echo first > /first", "COPY one /one", "COPY two /two", "RUN cat /one/file /two/file > /both");
        build();
        String id = inspect("{{.Id}}");
        List<String> before = layers();
        // Nothing has changed, though every file has another time.
        file("one/file", "1");
        file("two/file", "2");
        assertThat(build()).contains("Using cache");
        assertThat(inspect("{{.Id}}")).isEqualTo(id);
        file("two/file", "3");
        build();
        List<String> after = layers();
        int base = before.size() - 4;
        assertThat(after.subList(0, base + 2)).isEqualTo(before.subList(0, base + 2));
        assertThat(after.get(base + 2)).isNotEqualTo(before.get(base + 2));
        assertThat(run("cat", "/both")).isEqualTo("13");
        assertThat(build("--no-cache")).doesNotContain("Using cache");
    }

    @Test
    void buildsStagesThatAreNeededAndNoOthers() throws IOException {
        file("Dockerfile", """
                FROM %1$s AS one
                RUN echo one > /one
                FROM %1$s AS unused
                RUN false
                FROM %1$s AS two
                RUN echo two > /two
                FROM scratch AS files
                COPY --from=one /one /
                COPY --from=two /two /
                FROM one AS last
                COPY --from=files / /all/
                FROM %1$s AS later
                RUN false
                """.formatted(Target.IMAGE));
        build("--target", "last");
        assertThat(run("cat", "/one", "/all/one", "/all/two")).isEqualTo("one\none\ntwo");
        build("--target", "files");
        assertThat(layers()).hasSize(2);
        assertThat(attempt("--target", "nowhere").exited(1).err())
                .contains("target stage \"nowhere\" could not be found");
    }

    @Test
    void ignoresWhatIsToBeIgnored() throws IOException {
        file(".dockerignore", "*.log\n!keep.log\nsecret\n");
        file("a.log", "a");
        file("keep.log", "k");
        file("secret/key", "s");
        file("b", "b");
        dockerfile("COPY . /all/", "RUN --mount=type=bind,target=/ctx ls /ctx > /seen");
        build();
        assertThat(run("ls", "-A", "/all")).isEqualTo(".dockerignore\nDockerfile\nb\nkeep.log");
        assertThat(run("cat", "/seen")).isEqualTo("Dockerfile\nb\nkeep.log");
        dockerfile("COPY a.log /");
        assertThat(attempt().exited(1).err()).contains("\"/a.log\": not found");
    }

    @Test
    void mountsLeaveNothingInTheImage() throws IOException {
        file("data", "data\n");
        dockerfile(
                "RUN --mount=type=cache,target=/var/cache/build,id=berth-test echo x >> /var/cache/build/n && wc -l < /var/cache/build/n > /count",
                "RUN --mount=type=tmpfs,target=/scratch touch /scratch/x",
                "RUN --mount=type=bind,source=data,target=/in/data cat /in/data > /copied",
                "RUN --mount=type=bind,target=/ctx,rw rm /ctx/data && touch /ctx/new",
                "RUN --mount=type=bind,from=" + Target.IMAGE + ",source=/bin,target=/tools test -x /tools/busybox");
        build();
        assertThat(run("cat", "/count", "/copied")).isEqualTo("1\ndata");
        build("--no-cache");
        assertThat(run("cat", "/count")).as("a cache outlives builds").isEqualTo("2");
        assertThat(run("sh", "-c", "ls -d /var/cache/build /scratch /in /ctx /tools 2>/dev/null; true"))
                .isEmpty();
        assertThat(context.resolve("data")).exists();
        assertThat(target.http().post("/v1.45/build/prune?all=1", "").status()).isEqualTo(200);
        build("--no-cache");
        assertThat(run("cat", "/count")).as("pruned").isEqualTo("1");
    }

    @Test
    void runsCommandsWithLimitsHostsAndNetworks() throws IOException {
        dockerfile(
                "RUN cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null > /limit; grep extra /etc/hosts > /hosts",
                "RUN --network=none ls /sys/class/net > /links",
                "RUN ls /sys/class/net > /bridged");
        build("--memory", "64m", "--add-host", "extra:10.1.2.3");
        assertThat(run("cat", "/limit")).isEqualTo("67108864");
        assertThat(run("cat", "/hosts")).isEqualTo("10.1.2.3\textra");
        assertThat(run("cat", "/links")).isEqualTo("lo");
        assertThat(run("cat", "/bridged")).isEqualTo("eth0\nlo");
    }

    @Test
    void aCommandThatFailsEndsTheBuildWithItsCode() throws IOException {
        dockerfile("RUN echo before > /before", "RUN echo said; exit 7", "RUN touch /after");
        String containers = target.docker().ok("ps", "-aq", "--no-trunc");
        Outcome failed = attempt().exited(7);
        assertThat(failed.out()).contains("said");
        assertThat(failed.err()).contains("The command '/bin/sh -c echo said; exit 7' returned a non-zero code: 7");
        assertThat(target.docker().ok("images", "-q", NAME)).isEmpty();
        assertThat(target.docker().ok("ps", "-aq", "--no-trunc")).isEqualTo(containers);
        dockerfile("RUN echo before > /before", "RUN nosuchprogram");
        assertThat(attempt().exited(127).out()).contains("Using cache");
        dockerfile("RUN [\"/nosuchprogram\"]");
        assertThat(attempt().exited(1).err()).contains("/nosuchprogram").contains("no such file or directory");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            FOO x                                   | unknown instruction: FOO
            COPY onlyone                            | COPY requires at least two arguments
            COPY nothere /x                         | "/nothere": not found
            COPY --from=9 /a /b                     | invalid stage index 9
            RUN --mount=type=bind true              | invalid mount target
            RUN --mount=type=secret,id=s,required true | secret s: not found
            RUN --security=insecure true            | security.insecure is not allowed
            RUN --network=host true                 | network.host is not allowed
            RUN --unknown true                      | unknown flag: --unknown
            COPY --chown=nobodyknows Dockerfile /x  | nobodyknows
            COPY --chmod=99999 Dockerfile /x        | chmod
            EXPOSE 99999                            | 99999
            ENV                                     | ENV requires at least one argument
            HEALTHCHECK --interval=1q CMD true      | unknown unit
            USER nobodyknows:x\\nRUN true            | unable to find user nobodyknows
            """)
    void refusesWhatIsWrong(String instruction, String message) throws IOException {
        dockerfile(instruction.replace("\\n", "\n").split("\n"));
        Outcome failed = attempt();
        assertThat(failed.exitCode()).as(failed.toString()).isNotZero();
        assertThat(failed.err()).contains(message);
        assertThat(target.docker().ok("images", "-q", NAME)).isEmpty();
    }

    @Test
    void reproducesTheSameImageFromTheSameDate() throws IOException {
        file("f", "x");
        dockerfile("COPY f /f", "RUN echo made > /made");
        build("--no-cache", "--build-arg", "SOURCE_DATE_EPOCH=1700000000");
        assertThat(inspect("{{.Created}}")).isEqualTo("2023-11-14T22:13:20Z");
        String id = inspect("{{.Id}}");
        file("f", "x"); // at another time
        build("--no-cache", "--build-arg", "SOURCE_DATE_EPOCH=1700000000");
        assertThat(inspect("{{.Id}}")).isEqualTo(id);
        assertThat(run("stat", "-c", "%Y", "/made")).isEqualTo("1700000000");
    }

    @Test
    void takesTheDockerfileFromStandardInput() {
        Outcome built =
                classic.runWithInput("FROM " + Target.IMAGE + "\nRUN echo in > /in\n", "build", "-t", NAME, "-");
        assertThat(built.exited(0).out()).contains("Successfully tagged");
        assertThat(run("cat", "/in")).isEqualTo("in");
    }
}
