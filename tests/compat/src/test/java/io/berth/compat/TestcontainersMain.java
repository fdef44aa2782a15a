package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.CreateContainerResponse;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.Statistics;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ComposeContainer;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.ExecConfig;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * What {@link TestcontainersIT} runs where the daemon's published ports can be reached: scenarios of a user of Testcontainers, who has set
 * {@code DOCKER_HOST} and knows nothing else of the daemon. Prints {@code PASS name} or {@code FAIL name} and the reason for each.
 */
final class TestcontainersMain {
    private static final String WEB =
            "mkdir -p /www && echo \"${PAGE:-page}\" >/www/index.html && exec httpd -f -p 80 -h /www";

    private final Path directory;

    private TestcontainersMain(Path directory) {
        this.directory = directory;
    }

    /**
     * @param arguments the directory of {@code compose.yaml}, and that of names of scenarios
     */
    public static void main(String... arguments) {
        Scenarios.run(
                new TestcontainersMain(Path.of(arguments[0])).scenarios(),
                List.of(arguments).subList(1, arguments.length),
                () -> {});
    }

    private Map<String, Scenarios.Scenario> scenarios() {
        return Map.ofEntries(
                Map.entry("waits for HTTP", this::waitsForHttp),
                Map.entry("waits for a line of the log", this::waitsForALogLine),
                Map.entry("waits for a listening port", this::waitsForAPort),
                Map.entry("waits for health", this::waitsForHealth),
                Map.entry("a wait that is in vain tells why", this::tellsWhyItDidNotStart),
                Map.entry("networks and aliases", this::networksAndAliases),
                Map.entry("files both ways", this::filesBothWays),
                Map.entry("exec", this::executes),
                Map.entry("image from a Dockerfile", this::imageFromDockerfile),
                Map.entry("compose", this::compose),
                Map.entry("reuse", this::reuse),
                Map.entry("docker-java", this::dockerJava),
                Map.entry("docker-java streams", this::dockerJavaStreams),
                Map.entry("left for the reaper", this::leftForTheReaper));
    }

    private static GenericContainer<?> container(String script) {
        return new GenericContainer<>(DockerImageName.parse(Target.IMAGE)).withCommand("sh", "-c", script);
    }

    private void waitsForHttp() throws Exception {
        try (GenericContainer<?> web = container("sleep 0.3; " + WEB)
                .withEnv("PAGE", "by HTTP")
                .withExposedPorts(80)
                .waitingFor(Wait.forHttp("/").forStatusCode(200))) {
            web.start();
            assertThat(get("http://" + web.getHost() + ":" + web.getMappedPort(80) + "/"))
                    .isEqualTo("by HTTP\n");
        }
    }

    private void waitsForALogLine() {
        try (GenericContainer<?> app = container("echo starting; sleep 0.3; echo ready; echo ready; sleep 1000")
                .waitingFor(Wait.forLogMessage(".*ready.*\\n", 2))) {
            app.start();
            assertThat(app.getLogs(OutputFrame.OutputType.STDOUT)).isEqualTo("starting\nready\nready\n");
            assertThat(app.isRunning()).isTrue();
        }
    }

    private void waitsForAPort() throws Exception {
        try (GenericContainer<?> web =
                container("sleep 0.3; " + WEB).withExposedPorts(80).waitingFor(Wait.forListeningPort())) {
            web.start();
            assertThat(get("http://" + web.getHost() + ":" + web.getFirstMappedPort() + "/"))
                    .isEqualTo("page\n");
        }
    }

    private void waitsForHealth() {
        ImageFromDockerfile image = new ImageFromDockerfile()
                .withDockerfileFromBuilder(builder -> builder.from(Target.IMAGE)
                        .cmd("sh", "-c", "sleep 0.3; touch /ready; sleep 1000")
                        .build())
                .withFileFromString("unused", "");
        try (GenericContainer<?> app = new GenericContainer<>(image)
                .withCreateContainerCmdModifier(
                        command -> command.withHealthcheck(new com.github.dockerjava.api.model.HealthCheck()
                                .withTest(List.of("CMD-SHELL", "test -f /ready"))
                                .withInterval(Duration.ofMillis(200).toNanos())
                                .withRetries(100)))
                .waitingFor(Wait.forHealthcheck())) {
            app.start();
            assertThat(app.isHealthy()).isTrue();
        }
    }

    private void tellsWhyItDidNotStart() {
        try (GenericContainer<?> app = container("echo out of luck; sleep 60")
                .withStartupAttempts(1)
                .waitingFor(Wait.forLogMessage("never", 1).withStartupTimeout(Duration.ofSeconds(2)))) {
            assertThatThrownBy(app::start).hasRootCauseMessage("Timed out waiting for log output matching 'never'");
        }
    }

    private void networksAndAliases() throws Exception {
        try (Network network = Network.newNetwork();
                GenericContainer<?> web = container(WEB)
                        .withEnv("PAGE", "by alias")
                        .withNetwork(network)
                        .withNetworkAliases("site", "www")
                        .waitingFor(Wait.forSuccessfulCommand("wget -qO- http://localhost/"));
                GenericContainer<?> client = container("sleep 1000").withNetwork(network);
                GenericContainer<?> stranger = container("sleep 1000")) {
            web.start();
            client.start();
            stranger.start();
            assertThat(client.execInContainer("wget", "-qO-", "http://site/").getStdout())
                    .isEqualTo("by alias\n");
            assertThat(client.execInContainer("wget", "-qO-", "http://www/").getStdout())
                    .isEqualTo("by alias\n");
            assertThat(stranger.execInContainer("wget", "-qO-", "-T", "2", "http://site/")
                            .getExitCode())
                    .isNotZero();
        }
    }

    private void filesBothWays() throws Exception {
        Path file = Files.writeString(directory.resolve("host.txt"), "from the host\n");
        Path copied = directory.resolve("copied.txt");
        try (GenericContainer<?> app = container("cat /in/text /in/file; sleep 1000")
                .withCopyToContainer(Transferable.of("text\n", 0_640), "/in/text")
                .withCopyFileToContainer(MountableFile.forHostPath(file), "/in/file")
                .waitingFor(Wait.forLogMessage(".*from the host.*", 1))) {
            app.start();
            assertThat(app.execInContainer("stat", "-c", "%a", "/in/text").getStdout())
                    .isEqualTo("640\n");
            app.copyFileToContainer(Transferable.of(new byte[3_000_000]), "/large");
            assertThat(app.execInContainer("stat", "-c", "%s", "/large").getStdout())
                    .isEqualTo("3000000\n");
            app.execInContainer("sh", "-c", "echo made inside >/made");
            app.copyFileFromContainer("/made", copied.toString());
            assertThat(copied).hasContent("made inside\n");
            String read = app.copyFileFromContainer(
                    "/made", stream -> new String(stream.readAllBytes(), StandardCharsets.UTF_8));
            assertThat(read).isEqualTo("made inside\n");
        }
    }

    private void executes() throws Exception {
        try (GenericContainer<?> app =
                container("sleep 1000").withWorkingDirectory("/tmp").withEnv("SET", "yes")) {
            app.start();
            ExecResult result = app.execInContainer("sh", "-c", "echo $SET $(pwd); echo problem >&2; exit 7");
            assertThat(result.getStdout()).isEqualTo("yes /tmp\n");
            assertThat(result.getStderr()).isEqualTo("problem\n");
            assertThat(result.getExitCode()).isEqualTo(7);
            assertThat(app.execInContainer(ExecConfig.builder()
                                    .user("nobody")
                                    .command(new String[] {"id", "-un"})
                                    .build())
                            .getStdout())
                    .isEqualTo("nobody\n");
        }
    }

    private void imageFromDockerfile() throws Exception {
        Path script = Files.writeString(directory.resolve("greet.sh"), "echo hello $1\n");
        ImageFromDockerfile image = new ImageFromDockerfile("berth-test/testcontainers-image", false)
                .withFileFromPath("greet.sh", script)
                .withFileFromString("Dockerfile", """
                        FROM %s
                        ARG WHO
                        COPY greet.sh /greet.sh
                        RUN sh /greet.sh $WHO >/greeting
                        CMD ["sleep", "1000"]
                        """.formatted(Target.IMAGE))
                .withBuildArg("WHO", "builder");
        try (GenericContainer<?> app = new GenericContainer<>(image)) {
            app.start();
            assertThat(app.execInContainer("cat", "/greeting").getStdout()).isEqualTo("hello builder\n");
        }
        ImageFromDockerfile broken =
                new ImageFromDockerfile().withFileFromString("Dockerfile", "FROM " + Target.IMAGE + "\nRUN exit 3\n");
        assertThatThrownBy(broken::get).hasStackTraceContaining("returned a non-zero code: 3");
    }

    private void compose() throws Exception {
        File file = Files.writeString(directory.resolve("compose.yaml"), """
                services:
                  web:
                    image: %1$s
                    command: sh -c 'mkdir /www; echo "$$PAGE" >/www/index.html; exec httpd -f -p 80 -h /www'
                    environment: {PAGE: "${PAGE}"}
                  database:
                    image: %1$s
                    command: sleep 1000
                """.formatted(Target.IMAGE))
                .toFile();
        try (ComposeContainer stack = new ComposeContainer(file)
                .withEnv("PAGE", "by compose")
                .withExposedService("web", 80, Wait.forHttp("/"))) {
            stack.start();
            assertThat(get("http://" + stack.getServiceHost("web", 80) + ":" + stack.getServicePort("web", 80) + "/"))
                    .isEqualTo("by compose\n");
            assertThat(stack.getContainerByServiceName("database").orElseThrow().isRunning())
                    .isTrue();
        }
    }

    private void reuse() {
        String first;
        GenericContainer<?> one = container("echo reused; sleep 1000").withReuse(true);
        one.start();
        first = one.getContainerId();
        // What is not stopped is found again by whoever asks for the same.
        GenericContainer<?> two = container("echo reused; sleep 1000").withReuse(true);
        two.start();
        assertThat(two.getContainerId()).isEqualTo(first);
        GenericContainer<?> other = container("echo other; sleep 1000").withReuse(true);
        other.start();
        assertThat(other.getContainerId()).isNotEqualTo(first);
        two.stop();
        other.stop();
    }

    private void dockerJava() {
        DockerClient docker = DockerClientFactory.instance().client();
        assertThat(docker.infoCmd().exec().getOsType()).isEqualTo("linux");
        assertThat(docker.versionCmd().exec().getApiVersion()).isNotEmpty();
        assertThatThrownBy(() -> docker.inspectContainerCmd("nothing-like-it").exec())
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("No such container: nothing-like-it");
        assertThatThrownBy(() -> docker.inspectImageCmd("nothing/like:it").exec())
                .isInstanceOf(NotFoundException.class);
        String network =
                docker.createNetworkCmd().withName("docker-java").exec().getId();
        docker.createVolumeCmd()
                .withName("docker-java")
                .withLabels(Map.of("of", "docker-java"))
                .exec();
        CreateContainerResponse created = docker.createContainerCmd(Target.IMAGE)
                .withName("docker-java")
                .withCmd("sh", "-c", "head -c 5 >/data/got; exit 5")
                .withStdinOpen(true)
                .withStdInOnce(true)
                .withAttachStdin(true)
                .withHostConfig(com.github.dockerjava.api.model.HostConfig.newHostConfig()
                        .withNetworkMode("docker-java")
                        .withMemory(32L << 20)
                        .withBinds(com.github.dockerjava.api.model.Bind.parse("docker-java:/data")))
                .exec();
        try {
            assertThat(docker.inspectNetworkCmd().withNetworkId(network).exec().getName())
                    .isEqualTo("docker-java");
            docker.startContainerCmd(created.getId()).exec();
            ResultCallback.Adapter<Frame> attached = docker.attachContainerCmd(created.getId())
                    .withFollowStream(true)
                    .withStdOut(true)
                    .withStdIn(new ByteArrayInputStream("typed".getBytes(StandardCharsets.UTF_8)))
                    .exec(new ResultCallback.Adapter<>());
            int code = docker.waitContainerCmd(created.getId())
                    .exec(new com.github.dockerjava.api.command.WaitContainerResultCallback())
                    .awaitStatusCode(20, TimeUnit.SECONDS);
            assertThat(code).isEqualTo(5);
            close(attached);
            try (InputStream archive = docker.copyArchiveFromContainerCmd(created.getId(), "/data/got")
                    .exec()) {
                assertThat(new String(archive.readAllBytes(), StandardCharsets.UTF_8))
                        .contains("typed");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            String image = docker.commitCmd(created.getId())
                    .withRepository("berth-test/committed")
                    .exec();
            assertThat(docker.inspectImageCmd(image).exec().getRepoTags())
                    .containsExactly("berth-test/committed:latest");
            docker.removeImageCmd("berth-test/committed").exec();
        } finally {
            docker.removeContainerCmd(created.getId()).withForce(true).exec();
            docker.removeNetworkCmd(network).exec();
            docker.removeVolumeCmd("docker-java").exec();
        }
    }

    private void dockerJavaStreams() throws Exception {
        DockerClient docker = DockerClientFactory.instance().client();
        ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();
        CountDownLatch died = new CountDownLatch(1);
        ResultCallback.Adapter<Event> listener = docker.eventsCmd().exec(new ResultCallback.Adapter<>() {
            @Override
            public void onNext(Event event) {
                events.add(event.getType() + " " + event.getAction());
                if ("die".equals(event.getAction())) {
                    died.countDown();
                }
            }
        });
        listener.awaitStarted();
        String id = docker.createContainerCmd(Target.IMAGE)
                .withCmd("sh", "-c", "echo out; echo err >&2; sleep 1000")
                .exec()
                .getId();
        try {
            docker.startContainerCmd(id).exec();
            CountDownLatch sampled = new CountDownLatch(1);
            ResultCallback.Adapter<Statistics> statistics = docker.statsCmd(id).exec(new ResultCallback.Adapter<>() {
                @Override
                public void onNext(Statistics sample) {
                    if (sample.getMemoryStats() != null
                            && sample.getMemoryStats().getUsage() != null) {
                        sampled.countDown();
                    }
                }
            });
            assertThat(sampled.await(20, TimeUnit.SECONDS)).isTrue();
            close(statistics);
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            Eventually.holds(
                    Duration.ofSeconds(10),
                    () -> {
                        output.reset();
                        logs(docker, id, output);
                        return output.toString(StandardCharsets.UTF_8).contains("STDOUT: out")
                                && output.toString(StandardCharsets.UTF_8).contains("STDERR: err");
                    },
                    () -> output.toString(StandardCharsets.UTF_8));
            docker.killContainerCmd(id).exec();
            assertThat(died.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(events.toString()).contains("create", "start", "kill");
        } finally {
            close(listener);
            docker.removeContainerCmd(id).withForce(true).exec();
        }
    }

    private static void logs(DockerClient docker, String id, ByteArrayOutputStream output) {
        try {
            docker.logContainerCmd(id)
                    .withStdOut(true)
                    .withStdErr(true)
                    .exec(new ResultCallback.Adapter<Frame>() {
                        @Override
                        public void onNext(Frame frame) {
                            output.writeBytes((frame + "\n").getBytes(StandardCharsets.UTF_8));
                        }
                    })
                    .awaitCompletion(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static void close(java.io.Closeable callback) {
        try {
            callback.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Not closed, on purpose. */
    private void leftForTheReaper() {
        Network network = Network.newNetwork();
        container("sleep 1000")
                .withNetwork(network)
                .withLabel("berth.test", "left")
                .start();
        assertThat(network.getId()).isNotEmpty();
    }

    private static String get(String url) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(url))
                                    .timeout(Duration.ofSeconds(10))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
