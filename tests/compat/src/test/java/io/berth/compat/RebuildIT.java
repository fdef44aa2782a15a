package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One file of an image of 100 MB is edited: one layer is made, and nothing else is written to the store. */
@CompatTest
@BerthOnly
class RebuildIT {
    private static final String NAME = "berth-test/rebuilt";
    private static final int MEGABYTE = 1_000_000;
    private static final int LIBRARIES = 95;
    private static final int SOURCES = 5;

    @TempDir
    Path context;

    private final Target target;

    RebuildIT(Target target) {
        this.target = target;
    }

    @AfterEach
    void removeImages() {
        target.removeImages(NAME);
        target.docker().run("image", "prune", "-f");
        target.docker().run("builder", "prune", "-af");
    }

    @Test
    void onlyTheLayerOfTheEditedFileIsMade() throws IOException {
        Random random = new Random(1);
        fill("libraries", LIBRARIES, random);
        fill("src", SOURCES, random);
        Files.writeString(context.resolve("Dockerfile"), """
                FROM %s
                COPY libraries /app/libraries
                RUN find /app/libraries -type f | wc -l > /app/count
                COPY src /app/src
                CMD ["head", "-c", "6", "/app/src/f0"]
                """.formatted(Target.IMAGE));
        for (DockerCli docker : List.of(target.docker(), target.docker().classic())) {
            docker.ok("build", "-t", NAME, context.toString());
            List<String> before = layers();
            Store stored = store();
            byte[] edited = Files.readAllBytes(context.resolve("src/f0"));
            System.arraycopy(
                    Long.toString(System.nanoTime() % 900_000 + 100_000)
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                    0,
                    edited,
                    0,
                    6);
            Files.write(context.resolve("src/f0"), edited);
            Instant began = Instant.now();
            docker.ok("build", "-t", NAME, context.toString());
            String ran = target.docker().ok("run", "--rm", NAME);
            Duration took = Duration.between(began, Instant.now());
            assertThat(ran).isEqualTo(new String(edited, 0, 6, java.nio.charset.StandardCharsets.US_ASCII));
            List<String> after = layers();
            assertThat(after).hasSize(4);
            assertThat(after.subList(0, 3)).isEqualTo(before.subList(0, 3));
            assertThat(after.getLast()).isNotEqualTo(before.getLast());
            Store now = store();
            // What tests before this one have left may go meanwhile.
            List<String> made = new ArrayList<>(now.layers());
            made.removeAll(stored.layers());
            assertThat(made).as("unpacked layers that were made").hasSize(1);
            Map<String, Long> written = new HashMap<>(now.blobs());
            written.keySet().removeAll(stored.blobs().keySet());
            assertThat(written.values().stream().mapToLong(Long::longValue).sum())
                    .as("bytes of blobs that were written: %s after %s", written, took)
                    .isLessThan((SOURCES + 1L) * MEGABYTE);
        }
    }

    private void fill(String name, int files, Random random) throws IOException {
        Path directory = Files.createDirectory(context.resolve(name));
        byte[] content = new byte[MEGABYTE];
        for (int i = 0; i < files; i++) {
            random.nextBytes(content);
            Files.write(directory.resolve("f" + i), content);
        }
    }

    private List<String> layers() {
        return List.of(target.docker()
                .ok("inspect", "-f", "{{join .RootFS.Layers \" \"}}", NAME)
                .split(" "));
    }

    /**
     * What is in the image store.
     *
     * @param layers names of directories of unpacked layers
     * @param blobs sizes by name
     */
    private record Store(Set<String> layers, Map<String, Long> blobs) {}

    private Store store() throws IOException {
        Path data = target.berth().dataDirectory().resolve("image");
        Map<String, Long> blobs = new HashMap<>();
        try (Stream<Path> files = Files.walk(data.resolve("content/blobs"))) {
            files.filter(Files::isRegularFile)
                    .forEach(file -> blobs.put(file.getFileName().toString(), size(file)));
        }
        Set<String> layers = new TreeSet<>();
        try (Stream<Path> directories = Files.list(data.resolve("layers"))) {
            directories.forEach(directory -> layers.add(directory.getFileName().toString()));
        }
        return new Store(layers, blobs);
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
