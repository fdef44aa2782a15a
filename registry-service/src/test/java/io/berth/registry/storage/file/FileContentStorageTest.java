package io.berth.registry.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.oci.Digest;
import io.berth.registry.durability.DataDirectory;
import io.berth.registry.storage.Content;
import io.berth.registry.storage.Location;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileContentStorageTest {
    private static final byte[] CONTENT = "content".getBytes(StandardCharsets.US_ASCII);
    private static final Digest DIGEST = Digest.sha256(CONTENT);

    @TempDir
    Path root;

    @SuppressWarnings("NullAway.Init") // set before each test
    private DataDirectory directory;

    @SuppressWarnings("NullAway.Init") // set before each test
    private FileContentStorage storage;

    @BeforeEach
    void start() {
        directory = new DataDirectory(root);
        directory.start();
        storage = new FileContentStorage(directory);
    }

    @AfterEach
    void stop() {
        directory.stop();
    }

    private static String read(Content content, long first, long length) throws IOException {
        try (InputStream in = content.read(first, length)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void keepsContentUnderItsDigestInAShard() throws IOException {
        Location location = storage.newLocation(DIGEST);
        assertThat(storage.open(location)).isEmpty();
        storage.write(location, CONTENT);
        try (Content content = storage.open(location).orElseThrow()) {
            assertThat(content.size()).isEqualTo(7);
            assertThat(read(content, 0, 7)).isEqualTo("content");
            assertThat(read(content, 3, 2)).isEqualTo("te");
            assertThat(read(content, 7, 0)).isEmpty();
            assertThat(content.file()).isPresent();
        }
        try (Stream<Path> shard =
                Files.list(root.resolve("blobs/sha256/" + DIGEST.hex().substring(0, 2)))) {
            assertThat(shard).singleElement().asString().contains(DIGEST.hex() + ".");
        }
        try (Stream<Path> left = Files.list(directory.staging())) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void removesOneOfTwoPlacesOfADigestAndSparesReaders() throws IOException {
        Location old = storage.newLocation(DIGEST);
        Location current = storage.newLocation(DIGEST);
        assertThat(old).isNotEqualTo(current);
        storage.write(old, CONTENT);
        storage.write(current, CONTENT);
        try (Content reader = storage.open(old).orElseThrow()) {
            storage.remove(old);
            storage.remove(old);
            assertThat(read(reader, 0, 7)).isEqualTo("content");
        }
        assertThat(storage.open(old)).isEmpty();
        try (Content content = storage.open(current).orElseThrow()) {
            assertThat(read(content, 0, 7)).isEqualTo("content");
        }
    }

    @Test
    void readsWhatAnEarlierVersionStored() throws IOException {
        Path file = root.resolve("blobs/sha256/" + DIGEST.hex().substring(0, 2) + "/" + DIGEST.hex());
        Files.createDirectories(file.getParent());
        Files.write(file, CONTENT);
        Location location = new Location("sha256/" + DIGEST.hex().substring(0, 2) + "/" + DIGEST.hex());
        try (Content content = storage.open(location).orElseThrow()) {
            assertThat(content.size()).isEqualTo(7);
        }
    }

    @Test
    void locationsCannotLeaveTheStorage() {
        for (String bad : new String[] {"", "a", "/a/b", "../a", "a/../b", "a/.b", "a//b", "a/b/", "a/B", "a/b\0"}) {
            assertThatThrownBy(() -> new Location(bad)).as(bad).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
