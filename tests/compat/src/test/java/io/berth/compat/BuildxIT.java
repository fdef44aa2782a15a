package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds by BuildKit's protocol, as {@code docker build} with buildx speaks it. */
@CompatTest
@BerthOnly
class BuildxIT {
    private static final String NAME = "berth-test/kit";

    @TempDir
    Path context;

    @TempDir
    Path outside;

    private final Target target;

    BuildxIT(Target target) {
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
        List<String> command = new ArrayList<>(List.of("build", "--progress=plain"));
        command.addAll(List.of(options));
        command.add(context.toString());
        return target.docker().run(command.toArray(String[]::new));
    }

    /** Builds; returns the progress. */
    private String build(String... options) {
        return attempt(options).exited(0).err();
    }

    private String run(String... command) {
        List<String> all = new ArrayList<>(List.of("run", "--rm", NAME));
        all.addAll(List.of(command));
        return target.docker().ok(all.toArray(String[]::new));
    }

    @Test
    void buildsWithTheDefaultBuilder() throws IOException {
        file("src/a", "content\n");
        dockerfile("WORKDIR /work", "COPY src .", "RUN cat a > b && echo told", "CMD [\"cat\", \"b\"]");
        String progress = build("-t", NAME);
        assertThat(progress)
                .contains(
                        "[internal] load build definition from Dockerfile",
                        "[internal] load build context",
                        "[4/4] RUN cat a > b && echo told",
                        " told",
                        "exporting to image",
                        "naming to docker.io/" + NAME + ":latest");
        assertThat(run()).isEqualTo("content");
        String id = target.docker().ok("inspect", "-f", "{{.Id}}", NAME);
        assertThat(build("-t", NAME)).contains("#7 CACHED").doesNotContainPattern("#7 [0-9.]+ told");
        assertThat(target.docker().ok("build", "-q", context.toString())).isEqualTo(id);
        assertThat(target.docker().classic().ok("build", "-q", context.toString()))
                .as("both doors lead to one builder")
                .isEqualTo(id);
    }

    @Test
    void secretsAreNowhereInTheImage() throws IOException {
        String secret = UUID.randomUUID().toString();
        Files.writeString(outside.resolve("secret"), secret);
        dockerfile(
                "RUN --mount=type=secret,id=token test \"$(stat -c %a /run/secrets/token)\" = 400 && wc -c < /run/secrets/token > /length",
                "RUN --mount=type=secret,id=token,env=TOKEN echo ${#TOKEN} >> /length");
        build("-t", NAME, "--no-cache", "--secret", "id=token,src=" + outside.resolve("secret"));
        assertThat(run("cat", "/length")).isEqualTo("36\n36");
        assertThat(run("sh", "-c", "ls /run/secrets 2>/dev/null; true")).isEmpty();
        Path saved = outside.resolve("saved.tar");
        target.docker().ok("save", "-o", saved.toString(), NAME);
        assertThat(Files.readString(saved, StandardCharsets.ISO_8859_1)).doesNotContain(secret);
        assertThat(target.docker().ok("history", "--no-trunc", NAME)).doesNotContain(secret);
        dockerfile("RUN --mount=type=secret,id=token,required=true true");
        assertThat(attempt("--no-cache").exited(1).err()).contains("secret token: not found");
    }

    @Test
    void exportsWhatItBuilds() throws IOException {
        file("f", "exported\n");
        dockerfile("COPY f /only/f");
        Path directory = outside.resolve("tree");
        build("--output", "type=local,dest=" + directory);
        assertThat(directory.resolve("only/f")).hasContent("exported\n");
        Path tar = outside.resolve("tree.tar");
        build("--output", "type=tar,dest=" + tar);
        assertThat(Running.run(List.of("tar", "-tf", tar.toString()), Map.of(), new byte[0], Duration.ofMinutes(1))
                        .ok())
                .contains("only/f");
        Path oci = outside.resolve("image.oci");
        build("--output", "type=oci,dest=" + oci);
        assertThat(Skopeo.run("inspect", "--format", "{{len .Layers}}", "oci-archive:" + oci)
                        .ok())
                .isEqualTo("2");
        Path docker = outside.resolve("image.tar");
        build("--output", "type=docker,dest=" + docker + ",name=" + NAME + ":loaded");
        assertThat(target.docker().ok("images", "-q", NAME)).as("only exported").isEmpty();
        assertThat(target.docker().ok("load", "-i", docker.toString())).contains(NAME + ":loaded");
        assertThat(target.docker().ok("run", "--rm", NAME + ":loaded", "cat", "/only/f"))
                .isEqualTo("exported");
    }

    @Test
    void pushesToARegistryAndTakesItsCacheFromThere() throws IOException {
        String registry = "localhost:" + target.berth().port();
        file("f", UUID.randomUUID().toString());
        file("Dockerfile", """
                FROM %1$s AS tools
                RUN echo tool > /tool
                FROM %1$s
                COPY f /f
                COPY --from=tools /tool /tool
                RUN cat /f /tool > /both
                """.formatted(Target.IMAGE));
        String pushed = registry + "/kit/pushed:1";
        build("-t", pushed, "--push", "--cache-to", "type=inline");
        String digest = Skopeo.runIn(
                        target.berth().inNamespace(),
                        "inspect",
                        "--tls-verify=false",
                        "--format",
                        "{{.Digest}}",
                        "docker://" + pushed)
                .ok();
        target.docker().ok("rmi", pushed);
        assertThat(target.docker().ok("pull", pushed)).contains(digest);
        target.docker().ok("rmi", pushed);

        build("-t", NAME, "--cache-to", "type=registry,ref=" + registry + "/kit/cache,mode=max");
        forgetEverything();
        String fromInline = build("-t", NAME, "--cache-from", pushed);
        assertThat(fromInline)
                .contains("] RUN cat /f /tool > /both\n")
                .containsPattern("RUN cat /f /tool > /both\n#\\d+ CACHED");
        forgetEverything();
        String fromCache = build("-t", NAME, "--cache-from", "type=registry,ref=" + registry + "/kit/cache");
        assertThat(fromCache)
                .containsPattern("RUN echo tool > /tool\n#\\d+ CACHED")
                .containsPattern("RUN cat /f /tool > /both\n#\\d+ CACHED");
        forgetEverything();
        assertThat(build("-t", NAME)).as("others' caches are not this node's").doesNotContain("CACHED");
    }

    private void forgetEverything() {
        removeImages();
        target.docker().ok("builder", "prune", "-af");
    }

    @Test
    void showsTheLinesOfWhatFails() throws IOException {
        dockerfile("RUN echo fine", "RUN echo told; exit 5");
        String failed = attempt().exited(1).err();
        assertThat(failed)
                .contains("ERROR: process \"/bin/sh -c echo told; exit 5\" did not complete successfully: exit code: 5")
                .contains("   3 | >>> RUN echo told; exit 5");
        dockerfile("COPY nothere /");
        assertThat(attempt().exited(1).err())
                .contains("\"/nothere\": not found")
                .contains(">>> COPY nothere /");
        dockerfile("FOO bar");
        assertThat(attempt().exited(1).err()).contains("unknown instruction: FOO");
    }

    @Test
    void namedContextsTakeThePlaceOfStagesAndImages() throws IOException {
        Files.writeString(outside.resolve("file"), "from elsewhere\n");
        file("Dockerfile", """
                FROM base AS last
                COPY --from=files file /file
                RUN --mount=type=bind,from=files,target=/in cat /in/file > /copy
                """);
        build(
                "-t",
                NAME,
                "--build-context",
                "files=" + outside,
                "--build-context",
                "base=docker-image://" + Target.IMAGE);
        assertThat(run("cat", "/file", "/copy")).isEqualTo("from elsewhere\nfrom elsewhere");
    }

    @Test
    void aClientThatGoesEndsItsBuild() throws IOException {
        String mark = "sleep 4" + System.nanoTime() % 100_000;
        dockerfile("RUN " + mark);
        for (DockerCli docker : List.of(target.docker(), target.docker().classic())) {
            try (Running client = docker.start("build", "--no-cache", context.toString())) {
                Eventually.holds(Duration.ofSeconds(30), () -> running(mark), () -> "the command never ran");
                client.terminate();
            }
            Eventually.holds(Duration.ofSeconds(30), () -> !running(mark), () -> "the command still runs");
        }
    }

    private static boolean running(String mark) {
        return Running.run(List.of("pgrep", "-fx", mark), Map.of(), new byte[0], Duration.ofSeconds(10))
                        .exitCode()
                == 0;
    }

    /** buildx puts the address there itself, which it has to be told. */
    @Test
    void hostGatewayIsWhereContainersReachTheHost() throws IOException {
        dockerfile("RUN grep host.test /etc/hosts > /found");
        String gateway = target.docker().ok("network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", "bridge");
        for (DockerCli docker : List.of(target.docker(), target.docker().classic())) {
            docker.ok("build", "-t", NAME, "--no-cache", "--add-host", "host.test:host-gateway", context.toString());
            assertThat(run("cat", "/found")).isEqualTo(gateway + "\thost.test");
        }
    }

    @Test
    void manyLayersRun() throws IOException {
        dockerfile(IntStream.range(0, 126)
                .mapToObj(i -> "RUN echo " + i + " > /layer" + i)
                .collect(Collectors.joining("\n")));
        build("-t", NAME);
        assertThat(target.docker().ok("inspect", "-f", "{{len .RootFS.Layers}}", NAME))
                .isEqualTo("127");
        assertThat(run("cat", "/layer0", "/layer125")).isEqualTo("0\n125");
    }
}
