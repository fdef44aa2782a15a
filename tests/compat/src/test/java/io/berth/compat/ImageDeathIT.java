package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The image service is killed at random moments of pulls, pushes, loads, builds and deletions, on a platform of its own: every time an
 * image is either whole, so that it runs, or not there at all; nothing is left on disk but what the next pull goes on with; and that one
 * fetches only what is missing.
 */
@CompatTest
@BerthOnly
@OwnPlatform
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ImageDeathIT {
    /** In rounds of six; {@code -Ddeath.kills=18} for three. */
    private static final int KILLS = Integer.getInteger("death.kills", 6);

    private static final int LAYERS = 4;
    private static final int LAYER_BYTES = 2_400_000;
    private static final int FILES = 150;
    private static final int BYTES_PER_SECOND = 2_000_000;
    private static final int REGISTRY_PORT = 5999;
    private static final int PORT = 2377;
    private static final String NAME = "127.0.0.1:" + REGISTRY_PORT + "/death/image:1";
    private static final String PUSHED = "localhost:" + PORT + "/death/pushed:1";
    private static final String BUILT = "death/built:1";

    private final Target target;
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private BerthInstance second;

    ImageDeathIT(Target target) {
        this.target = target;
    }

    @BeforeAll
    void start() {
        second = BerthInstance.start(PORT);
    }

    @AfterAll
    void stop() {
        if (second != null) {
            second.close();
        }
    }

    @Test
    @Order(1)
    void anImageIsWholeOrNotThereHoweverTheServiceDies() throws IOException {
        Path files = Files.createTempDirectory(target.scratch(), "registry");
        long blobBytes = makeImage(files);
        try (Running registry = Running.start(registryCommand(second, files), Map.of())) {
            Eventually.holds(
                    Duration.ofSeconds(20), () -> registry.outUntilNow().startsWith("0"), () -> "no registry");
            DockerCli docker = second.docker();
            docker.ok("pull", "-q", NAME);
            Path archive = files.resolve("saved.tar");
            docker.ok("save", "-o", archive.toString(), NAME);
            docker.ok("rmi", NAME);
            assertThat(leftovers(second)).as("after a deletion").isEmpty();

            int kills = 0;
            while (kills < KILLS) {
                long before = sent(registry);
                for (int i = 0; i < 2; i++) {
                    killDuring(second, 2500, "pull", "-q", NAME);
                    kills++;
                }
                docker.ok("pull", "-q", NAME);
                runs(docker);
                assertThat(sent(registry) - before)
                        .as("bytes served for one pull that was killed twice; seed %d", seed)
                        .isLessThan(2 * blobBytes);
                killDuring(second, 600, "rmi", NAME);
                kills++;
                docker.run("rmi", NAME);
                killDuring(second, 1500, "load", "-q", "-i", archive.toString());
                kills++;
                docker.ok("load", "-q", "-i", archive.toString());
                runs(docker);
                kills += pushAndBuild(second, files);
                docker.ok("rmi", NAME);
            }
            docker.ok("builder", "prune", "-af");
            // What a container was just made of stays for a minute, in case that one more is, but for a service that
            // has begun since.
            second.kill("image");
            second.up();
            docker.ok("image", "prune", "-f");
            Eventually.holds(
                    Duration.ofSeconds(30),
                    () -> leftovers(second).isEmpty(),
                    () -> "left with no image, seed " + seed + ": " + leftovers(second));
        }
    }

    /** Neither of the two that a build takes leaves anything of it, and the next one succeeds. */
    @Test
    @Order(2)
    void aBuildOfAKilledServiceLeavesNothing(@TempDir Path context) throws IOException {
        DockerCli docker = second.docker();
        Target.importImage(docker, target.rootFileSystem());
        Path file = context.resolve("Dockerfile");
        String first = "FROM " + Target.IMAGE + "\nRUN echo first > /first\n";
        Files.writeString(file, first + "RUN echo waiting; sleep 1000\n");
        for (String victim : List.of("image", "engine")) {
            try (Running client = docker.start("build", "--no-cache", "--progress=plain", context.toString())) {
                Eventually.holds(
                        Duration.ofSeconds(30),
                        () -> client.errUntilNow().contains(" waiting"),
                        () -> "the command never ran: " + client.errUntilNow());
                second.kill(victim);
                assertThat(client.await(Duration.ofSeconds(60)).exitCode()).isNotZero();
            }
            second.up();
            for (String left : List.of("image/unpack", "image/uploads", "engine/containers")) {
                Path directory = second.dataDirectory().resolve(left);
                Eventually.holds(
                        Duration.ofSeconds(30), () -> names(directory).isEmpty(), () -> "left in " + directory);
            }
        }
        Files.writeString(file, first + "RUN echo second > /second\n");
        docker.ok("build", "-t", BUILT, context.toString());
        assertThat(docker.ok("run", "--rm", BUILT, "cat", "/first", "/second")).isEqualTo("first\nsecond");
    }

    /** How often the service was killed. What it had told before is there afterwards, and what was broken off can be done again. */
    private int pushAndBuild(BerthInstance platform, Path directory) throws IOException {
        DockerCli docker = platform.docker();
        docker.ok("tag", NAME, PUSHED);
        killDuring(platform, 700, "push", "-q", PUSHED);
        docker.ok("push", "-q", PUSHED);
        String digests = docker.ok("inspect", "-f", "{{.RepoDigests}}", PUSHED);
        docker.ok("rmi", PUSHED);
        assertThat(docker.ok("pull", "-q", PUSHED)).isEqualTo(PUSHED);
        assertThat(docker.ok("inspect", "-f", "{{.RepoDigests}}", PUSHED)).isEqualTo(digests);
        docker.ok("rmi", PUSHED);

        Path context = Files.createDirectories(directory.resolve("context"));
        StringBuilder steps = new StringBuilder("FROM " + NAME + "\n");
        for (int i = 0; i < 8; i++) {
            steps.append("RUN echo ").append(i).append(" > /step").append(i).append('\n');
        }
        Files.writeString(context.resolve("Dockerfile"), steps);
        killDuring(platform, 1500, "build", "-q", "-t", BUILT, context.toString());
        docker.ok("build", "-q", "-t", BUILT, context.toString());
        assertThat(docker.ok("run", "--rm", "--network", "none", BUILT, "sh", "-c", "cat /step* | tr -d '\\n'"))
                .isEqualTo("01234567");
        docker.ok("rmi", BUILT);
        return 2;
    }

    private static List<String> registryCommand(BerthInstance platform, Path files) {
        List<String> command = new ArrayList<>(platform.inNamespace());
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path") + ":" + classes(),
                "io.berth.compat.SlowRegistry",
                files.toString(),
                Integer.toString(REGISTRY_PORT),
                Integer.toString(BYTES_PER_SECOND)));
        return command;
    }

    /** Where this class itself was loaded from: not always on the class path that the system property tells. */
    private static Path classes() {
        return Path.of(ImageDeathIT.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
    }

    private static long sent(Running registry) {
        return Long.parseLong(
                registry.outUntilNow().lines().reduce((_, last) -> last).orElse("0"));
    }

    /** Runs a command, kills the service within some time, starts it again and looks at what there is. */
    private void killDuring(BerthInstance platform, int withinMillis, String... command) {
        try (Running running = platform.docker().start(command)) {
            int pause = random.nextInt(withinMillis);
            pause(pause);
            platform.kill("image");
            running.await(Duration.ofSeconds(60));
            platform.up();
            String description = String.join(" ", command) + " killed after " + pause + " ms, seed " + seed;
            DockerCli docker = platform.docker();
            if (docker.run("image", "inspect", NAME).exitCode() == 0) {
                runs(docker);
            }
            Path data = platform.dataDirectory().resolve("image");
            assertThat(names(data.resolve("unpack"))).as(description).isEmpty();
            assertThat(names(data.resolve("content/ingest"))).as(description).allMatch(name -> name.endsWith(".part"));
        }
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Every layer is there, with all its files. */
    private static void runs(DockerCli docker) {
        assertThat(docker.ok("run", "--rm", "--network", "none", NAME, "sh", "-c", "ls /data/* | wc -l; cat /last"))
                .isEqualTo((LAYERS - 1) * FILES + LAYERS - 1 + LAYERS - 2 + "\nlast");
    }

    /** What is on disk of images, below the service's data directory. */
    private static List<String> leftovers(BerthInstance platform) {
        Path data = platform.dataDirectory().resolve("image");
        List<String> left = new ArrayList<>();
        for (String directory : List.of("layers", "unpack", "content/ingest", "content/blobs/sha256")) {
            names(data.resolve(directory)).forEach(name -> left.add(directory + "/" + name));
        }
        return left;
    }

    private static List<String> names(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return how large its blobs are together */
    private long makeImage(Path files) throws IOException {
        Files.createDirectories(files.resolve("blobs"));
        Files.createDirectories(files.resolve("manifests"));
        List<String> diffIds = new ArrayList<>();
        List<String> layers = new ArrayList<>();
        long bytes = 0;
        for (int i = 0; i < LAYERS; i++) {
            Path tar = i == 0 ? target.rootFileSystem() : layer(files, i);
            diffIds.add(digest(Files.readAllBytes(tar)));
            Path blob = files.resolve("layer.gz");
            shell("gzip -1 -n -c " + tar + " > " + blob);
            byte[] content = Files.readAllBytes(blob);
            layers.add(descriptor("application/vnd.oci.image.layer.v1.tar+gzip", put(files, content), content.length));
            bytes += content.length;
        }
        byte[] config = ("{\"architecture\":\"" + architecture()
                        + "\",\"os\":\"linux\",\"config\":{\"Env\":[\"PATH=/bin\"]},"
                        + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                        + diffIds.stream().map(id -> "\"" + id + "\"").collect(Collectors.joining(",")) + "]}}")
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
        String manifest =
                "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":"
                        + descriptor("application/vnd.oci.image.config.v1+json", put(files, config), config.length)
                        + ",\"layers\":[" + String.join(",", layers) + "]}";
        Files.writeString(files.resolve("manifests/1"), manifest);
        Files.writeString(
                files.resolve("manifests").resolve(digest(manifest.getBytes(java.nio.charset.StandardCharsets.UTF_8))),
                manifest);
        return bytes + config.length;
    }

    private Path layer(Path files, int number) throws IOException {
        Path root = Files.createDirectories(files.resolve("root" + number));
        Path data = Files.createDirectories(root.resolve("data/" + number));
        for (int i = 0; i < FILES; i++) {
            byte[] content = new byte[LAYER_BYTES / FILES];
            random.nextBytes(content);
            Files.write(data.resolve("file" + i), content);
        }
        Files.writeString(root.resolve("last"), "last");
        Path tar = files.resolve("layer" + number + ".tar");
        shell("tar -C " + root + " -cf " + tar + " . && rm -rf " + root);
        return tar;
    }

    private static String architecture() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    }

    private static String put(Path files, byte[] content) throws IOException {
        String digest = digest(content);
        Files.write(files.resolve("blobs").resolve(digest), content);
        return digest;
    }

    private static String descriptor(String mediaType, String digest, int size) {
        return "{\"mediaType\":\"" + mediaType + "\",\"digest\":\"" + digest + "\",\"size\":" + size + "}";
    }

    private static String digest(byte[] content) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void shell(String script) {
        Running.run(List.of("sh", "-ec", script), Map.of(), new byte[0], Duration.ofMinutes(1))
                .ok();
    }
}
