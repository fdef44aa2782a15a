package io.berth.buildkit.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.berth.buildkit.BuildException;
import io.berth.buildkit.BuildProgress;
import io.berth.buildkit.BuildRequest;
import io.berth.buildkit.ClientSession.AgentConnection;
import io.berth.buildkit.ClientSession.TransferProgress;
import io.berth.buildkit.ExportRequest;
import io.berth.buildkit.LocalDirectory;
import io.berth.buildkit.ReceivedTree;
import io.berth.buildkit.SourceLines;
import io.berth.buildkit.fixture.FakeBuilder;
import io.berth.buildkit.fixture.TestDaemon;
import io.berth.buildkit.transfer.DirectoryTree;
import io.berth.buildkit.transfer.TransferLimits;
import io.berth.kernel.KernelTest;
import io.berth.linux.fd.Directory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real {@code docker buildx build} against the services, with a builder that only talks. */
@KernelTest
class BuildxTest {
    private static final List<Path> PLUGINS = List.of(
            Path.of("/usr/libexec/docker/cli-plugins/docker-buildx"),
            Path.of("/usr/lib/docker/cli-plugins/docker-buildx"));

    @TempDir
    Path host;

    private TestDaemon daemon;
    private Path context;

    /**
     * What a build printed.
     *
     * @param code its exit code
     */
    private record Ended(int code, String output) {}

    @BeforeAll
    static void warmUp() throws Exception {
        assumeThat(PLUGINS.stream().anyMatch(Files::isExecutable))
                .as("docker buildx is installed")
                .isTrue();
        TestDaemon.warmUp();
    }

    @BeforeEach
    void start() throws IOException {
        daemon = new TestDaemon(host, TransferLimits.DEFAULT);
        context = Files.createDirectory(host.resolve("context"));
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY . /\n");
        Files.createDirectory(context.resolve("src"));
        Files.writeString(context.resolve("src/main.c"), "int main;");
        Files.writeString(context.resolve("notes.md"), "notes");
    }

    @AfterEach
    void stop() throws IOException {
        daemon.close();
    }

    private Process begin(Path log, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(PLUGINS.stream()
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow()
                .toString()));
        command.addAll(List.of("build", "--progress=plain"));
        command.addAll(Arrays.asList(arguments));
        command.add(context.toString());
        ProcessBuilder process =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        process.environment().put("DOCKER_HOST", daemon.address());
        process.environment().put("DOCKER_CONFIG", host.resolve("config").toString());
        // Without it this version has no --print; with it, it wants build graphs of other builds.
        process.environment().put("BUILDX_EXPERIMENTAL", command.contains("--print=outline") ? "1" : "0");
        process.environment().remove("DOCKER_CONTEXT");
        return process.start();
    }

    private Ended build(String... arguments) throws IOException, InterruptedException {
        Path log = Files.createTempFile(host, "log", "");
        Process process = begin(log, arguments);
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        return new Ended(process.exitValue(), Files.readString(log));
    }

    private static List<String> filesBelow(ReceivedTree tree) throws IOException {
        Path root = Path.of("/proc/self/fd/" + tree.root().fd().value()).toRealPath();
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void optionsAndContextArrive() throws Exception {
        CompletableFuture<List<String>> received = new CompletableFuture<>();
        CompletableFuture<List<String>> dockerfile = new CompletableFuture<>();
        daemon.builder().building((_, session, _) -> {
            try (ReceivedTree tree =
                    session.receive(LocalDirectory.only("dockerfile", List.of("Dockerfile")), TransferProgress.NONE)) {
                dockerfile.complete(filesBelow(tree));
            }
            LocalDirectory wanted = LocalDirectory.excluding("context", List.of("*.md", "nötes"));
            try (ReceivedTree tree = session.receive(wanted, TransferProgress.NONE)) {
                received.complete(filesBelow(tree));
            }
            return daemon.builder().result();
        });
        Ended ended = build(
                "--build-arg",
                "A=1",
                "--label",
                "l=2",
                "--target",
                "web",
                "--no-cache",
                "--platform",
                "linux/amd64",
                "--build-context",
                "other=docker-image://alpine",
                "-t",
                "app:1");
        assertThat(ended.code()).as(ended.output()).isZero();
        BuildRequest request = daemon.builder().requests().getFirst();
        assertThat(request.buildArguments()).containsEntry("A", "1");
        assertThat(request.labels()).containsEntry("l", "2");
        assertThat(request.target()).isEqualTo("web");
        assertThat(request.noCache()).isTrue();
        assertThat(request.platforms()).containsExactly("linux/amd64");
        assertThat(request.namedContexts()).containsEntry("other", "docker-image://alpine");
        assertThat(daemon.builder().exports()).singleElement().satisfies(export -> {
            assertThat(export.type()).isEqualTo(ExportRequest.Type.MOBY);
            assertThat(export.attributes()).containsEntry("name", "app:1");
        });
        assertThat(dockerfile.get(1, TimeUnit.SECONDS)).containsExactly("Dockerfile");
        assertThat(received.get(1, TimeUnit.SECONDS)).containsExactly("Dockerfile", "src/main.c");
        assertThat(daemon.builder().openResults()).isZero();
    }

    @Test
    void manyFilesArriveAndOnlyChangesAreSentAgain() throws Exception {
        for (int i = 0; i < 3000; i++) {
            Files.writeString(
                    Files.createDirectories(context.resolve("d" + i % 30)).resolve("f" + i), "file " + i);
        }
        Files.write(context.resolve("large"), new byte[20_000_000]);
        List<Long> transferred = new ArrayList<>();
        daemon.builder().building((_, session, _) -> {
            long[] bytes = new long[1];
            try (ReceivedTree tree = session.receive(LocalDirectory.all("context"), (count, _) -> bytes[0] = count)) {
                assertThat(filesBelow(tree)).hasSize(3004);
            }
            transferred.add(bytes[0]);
            return daemon.builder().result();
        });
        for (int i = 0; i < 2; i++) {
            Ended ended = build();
            assertThat(ended.code()).as(ended.output()).isZero();
        }
        assertThat(transferred.getFirst()).isGreaterThan(20_000_000);
        assertThat(transferred.getLast()).isLessThan(1_000_000);
    }

    @Test
    void stepsAndOutputAreShown() throws Exception {
        daemon.builder().building((_, _, progress) -> {
            BuildProgress.Vertex base = progress.vertex(FakeBuilder.digest("1"), "[1/2] FROM base", List.of());
            base.cached();
            BuildProgress.Vertex run =
                    progress.vertex(FakeBuilder.digest("2"), "[2/2] RUN make", List.of(base.digest()));
            run.started();
            byte[] text = "compiling\n".getBytes(StandardCharsets.UTF_8);
            run.log(1, text, 0, text.length);
            run.status(new BuildProgress.Status("sha256:abc", 5, 10, false));
            run.completed();
            run.warning(new BuildProgress.Warning(
                    1, "StageNameCasing: use lower case", List.of("more"), "https://example.test/rule", List.of()));
            return daemon.builder().result();
        });
        Ended ended = build();
        assertThat(ended.code()).as(ended.output()).isZero();
        assertThat(ended.output())
                .containsPattern("\\[1/2\\] FROM base\\n#\\d+ CACHED")
                .contains("[2/2] RUN make")
                .contains("compiling")
                .contains("sha256:abc 5B / 10B")
                .contains("StageNameCasing: use lower case");
    }

    @Test
    void aFailureShowsTheLinesOfTheDockerfile() throws Exception {
        daemon.builder().building((_, _, progress) -> {
            BuildProgress.Vertex run = progress.vertex(FakeBuilder.digest("1"), "[1/1] RUN false", List.of());
            run.started();
            run.failed("process \"false\" did not complete successfully: exit code: 1");
            throw new BuildException(
                    "process \"false\" did not complete successfully: exit code: 1",
                    run.digest(),
                    List.of(new SourceLines("Dockerfile", "FROM a\nRUN false\n", List.of(new SourceLines.Range(2, 2)))),
                    null);
        });
        Ended ended = build();
        assertThat(ended.code()).isNotZero();
        assertThat(ended.output())
                .contains("Dockerfile:2")
                .contains("2 | >>> RUN false")
                .contains("ERROR: failed to solve: process \"false\" did not complete successfully: exit code: 1");
    }

    @Test
    void secretsAndAgentsAreLent() throws Exception {
        Path secret = Files.writeString(host.resolve("secret"), "s3cret");
        Path socketHome = Files.createTempDirectory("agent");
        Path agentSocket = socketHome.resolve("s");
        CompletableFuture<String> seen = new CompletableFuture<>();
        daemon.builder().building((_, session, _) -> {
            String answer = new String(Objects.requireNonNull(session.secret("id")), StandardCharsets.UTF_8)
                    + " " + (session.secret("none") == null)
                    + " " + session.hasSshAgent("default")
                    + " " + session.hasSshAgent("other")
                    + " " + session.credential("registry.example").isNone();
            // The list of keys: SSH2_AGENTC_REQUEST_IDENTITIES.
            try (AgentConnection agent = session.connectSshAgent("default");
                    OutputStream out = agent.output();
                    InputStream in = agent.input()) {
                out.write(new byte[] {0, 0, 0, 1, 11});
                out.flush();
                seen.complete(answer + " " + Arrays.toString(in.readNBytes(9)));
            }
            return daemon.builder().result();
        });
        try (ServerSocketChannel agent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            agent.bind(UnixDomainSocketAddress.of(agentSocket));
            Thread.ofPlatform().start(() -> {
                try {
                    while (true) {
                        try (SocketChannel asked = agent.accept()) {
                            ByteBuffer request = ByteBuffer.allocate(5);
                            while (request.hasRemaining() && asked.read(request) >= 0) {
                                // Until it is complete.
                            }
                            // No keys.
                            asked.write(ByteBuffer.wrap(new byte[] {0, 0, 0, 5, 12, 0, 0, 0, 0}));
                        }
                    }
                } catch (IOException e) {
                    // Closed.
                }
            });
            Ended ended = build("--secret", "id=id,src=" + secret, "--ssh", "default=" + agentSocket);
            assertThat(ended.code()).as(ended.output()).isZero();
        } finally {
            Files.delete(agentSocket);
            Files.delete(socketHome);
        }
        assertThat(seen.get(1, TimeUnit.SECONDS)).isEqualTo("s3cret true true false true [0, 0, 0, 5, 12, 0, 0, 0, 0]");
    }

    @Test
    void archivesAndTreesAreSentToTheClient() throws Exception {
        byte[] archive = new byte[3_000_000];
        Arrays.fill(archive, (byte) 7);
        Path result = Files.createDirectories(host.resolve("result/bin"));
        Files.writeString(result.resolve("tool"), "tool");
        Files.createSymbolicLink(result.resolve("alias"), Path.of("tool"));
        Files.createLink(result.resolve("twin"), result.resolve("tool"));
        daemon.builder().exporting((export, session) -> {
            if (export.type() == ExportRequest.Type.LOCAL) {
                try (Directory root = Directory.open(host.resolve("result"))) {
                    session.sendTree(export, new DirectoryTree(root, "linux_amd64", null), TransferProgress.NONE);
                }
            } else {
                session.sendFile(export, Map.of("containerimage.digest", "sha256:0"), out -> out.write(archive));
            }
            return Map.of();
        });
        for (String type : List.of("tar", "oci", "docker")) {
            Path file = host.resolve("out." + type);
            Ended ended = build("--output", "type=" + type + ",dest=" + file);
            assertThat(ended.code()).as(ended.output()).isZero();
            assertThat(file).hasBinaryContent(archive);
        }
        Path tree = host.resolve("out");
        Ended ended = build("--output", "type=local,dest=" + tree);
        assertThat(ended.code()).as(ended.output()).isZero();
        assertThat(tree.resolve("linux_amd64/bin/tool")).hasContent("tool");
        assertThat(Files.readSymbolicLink(tree.resolve("linux_amd64/bin/alias")))
                .isEqualTo(Path.of("tool"));
        assertThat(Files.isSameFile(tree.resolve("linux_amd64/bin/tool"), tree.resolve("linux_amd64/bin/twin")))
                .isTrue();
    }

    @Test
    void anArchiveThatFailsIsNotTakenForComplete() throws Exception {
        daemon.builder().exporting((export, session) -> {
            session.sendFile(export, Map.of(), out -> {
                out.write(new byte[1_000_000]);
                throw new IOException("disk failed");
            });
            return Map.of();
        });
        Ended ended = build("--output", "type=tar,dest=" + host.resolve("out.tar"));
        assertThat(ended.code()).isNotZero();
        assertThat(ended.output()).contains("disk failed");
    }

    @Test
    void aClientThatIsKilledStopsItsBuild() throws Exception {
        CountDownLatch building = new CountDownLatch(1);
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        daemon.builder().building((_, _, _) -> {
            building.countDown();
            try {
                Thread.sleep(60_000);
                throw new IOException("not interrupted");
            } catch (InterruptedException e) {
                interrupted.complete(true);
                throw e;
            }
        });
        Process process = begin(host.resolve("log"));
        assertThat(building.await(30, TimeUnit.SECONDS)).isTrue();
        process.destroyForcibly().waitFor();
        assertThat(interrupted.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aResultWithoutPartsIsShown() throws Exception {
        daemon.builder()
                .building((request, _, _) -> daemon.builder()
                        .result(
                                Map.of(
                                        "result.txt",
                                        "none",
                                        "result.json",
                                        "{\"name\":\"asked " + request.attribute("requestid") + "\"}",
                                        "version",
                                        "1.0"),
                                List.<String>of(),
                                null));
        Ended ended = build("--print=outline");
        assertThat(ended.output()).contains("asked frontend.outline");
    }

    @Test
    void severalPlatformsAreOneResult() throws Exception {
        TreeSet<String> platforms = new TreeSet<>(List.of("linux/amd64", "linux/arm64"));
        daemon.builder().building((request, _, _) -> {
            assertThat(request.platforms()).containsExactlyElementsOf(platforms);
            return daemon.builder().result(Map.of(), List.copyOf(platforms), null);
        });
        Ended ended = build("--platform", String.join(",", platforms), "-t", "app");
        assertThat(ended.code()).as(ended.output()).isZero();
        assertThat(daemon.builder().exports()).hasSize(1);
    }
}
