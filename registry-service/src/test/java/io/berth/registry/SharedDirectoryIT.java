package io.berth.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.oci.Digest;
import io.berth.registry.storage.ContentStorage;
import io.berth.registry.storage.UploadStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two registries that share a database and a directory are one registry. */
class SharedDirectoryIT {
    @TempDir
    static Path directory;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static TestRegistry one;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static TestRegistry two;

    @BeforeAll
    static void start() throws IOException {
        String database = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=10000";
        one = start("one", database);
        two = start("two", database);
    }

    private static TestRegistry start(String name, String database) throws IOException {
        return TestRegistry.start(
                Files.createDirectory(directory.resolve(name)),
                "--spring.datasource.url=" + database,
                "--berth.registry.shared-dir=" + directory.resolve("shared"));
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
    }

    @Test
    void anUploadGoesOnInAnotherProcess() throws IOException {
        byte[] content = new byte[3_000_000];
        new Random(1).nextBytes(content);
        Digest digest = Digest.sha256(content);
        String upload = one.post("/v2/a/blob/blobs/uploads/").header("Location");
        assertThat(one.patch(upload, content, 0, 1_000_000)).isEqualTo(202);
        assertThat(two.patch(upload, content, 1_000_000, 2_000_000)).isEqualTo(202);
        assertThat(one.send(
                                "PUT",
                                upload + "?digest=" + digest,
                                Map.of("Content-Range", "2000000-2999999"),
                                Arrays.copyOfRange(content, 2_000_000, content.length))
                        .status())
                .isEqualTo(201);
        assertThat(two.get("/v2/a/blob/blobs/" + digest).body()).isEqualTo(content);
        assertThat(two.get(upload).status()).isEqualTo(404);
        assertThat(files("locks")).isEmpty();
        assertThat(files("uploads")).isEmpty();
        assertThat(Files.exists(two.data().resolve("blobs"))).isFalse();
    }

    @Test
    void oneChangesAnUploadAtATime() throws IOException {
        UUID id = UUID.randomUUID();
        UploadStorage first = one.bean(UploadStorage.class);
        UploadStorage second = two.bean(UploadStorage.class);
        first.create(id);
        try (UploadStorage.Claim claim = first.claim(id).orElseThrow()) {
            assertThat(second.claim(id)).isEmpty();
            claim.discard();
        }
        assertThatThrownBy(() -> second.claim(id)).isInstanceOf(NoSuchFileException.class);
        assertThat(files("locks")).isEmpty();
        assertThat(one.bean(ContentStorage.class).exclusive()).isFalse();
    }

    @Test
    void whatAKilledProcessLeftGoesWhenItIsOld() throws IOException {
        UploadStorage storage = one.bean(UploadStorage.class);
        UUID old = UUID.randomUUID();
        UUID young = UUID.randomUUID();
        UUID known = UUID.randomUUID();
        for (UUID id : List.of(old, young, known)) {
            storage.create(id);
        }
        Path uploads = directory.resolve("shared/uploads");
        FileTime yesterday = FileTime.from(Instant.now().minusSeconds(86_400));
        Files.setLastModifiedTime(uploads.resolve(old.toString()), yesterday);
        Files.setLastModifiedTime(uploads.resolve(known.toString()), yesterday);
        storage.removeOrphans(List.of(known), Instant.now().minusSeconds(3600));
        assertThat(files("uploads")).containsExactlyInAnyOrder(young.toString(), known.toString());
        Files.delete(uploads.resolve(young.toString()));
        Files.delete(uploads.resolve(known.toString()));
    }

    private static List<String> files(String name) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("shared").resolve(name))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
