package io.berth.registry.blob;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.registry.durability.DataDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBlobStoreTest {
    private static final byte[] CONTENT = "content".getBytes(StandardCharsets.US_ASCII);
    private static final Digest DIGEST = Digest.sha256(CONTENT);

    @TempDir
    Path root;

    @SuppressWarnings("NullAway.Init") // set before each test
    private DataDirectory directory;

    @SuppressWarnings("NullAway.Init") // set before each test
    private FileBlobStore store;

    @BeforeEach
    void start() {
        directory = new DataDirectory(root);
        directory.start();
        store = new FileBlobStore(directory);
    }

    @AfterEach
    void stop() {
        directory.stop();
    }

    private String read() throws IOException {
        try (BlobContent content = store.open(DIGEST).orElseThrow()) {
            ByteBuffer bytes = ByteBuffer.allocate((int) content.size());
            assertThat(content.channel().read(bytes)).isEqualTo(CONTENT.length);
            return new String(bytes.array(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void keepsContentUnderItsDigestInAShard() throws IOException {
        assertThat(store.open(DIGEST)).isEmpty();
        store.write(DIGEST, CONTENT);
        assertThat(read()).isEqualTo("content");
        assertThat(root.resolve("blobs/sha256/" + DIGEST.hex().substring(0, 2) + "/" + DIGEST.hex()))
                .exists();
        try (Stream<Path> left = Files.list(directory.staging())) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void healsADamagedFileAndSparesItsReaders() throws IOException {
        store.write(DIGEST, CONTENT);
        try (BlobContent reader = store.open(DIGEST).orElseThrow()) {
            Path other = Files.write(directory.uploads().resolve("x"), CONTENT);
            store.publish(other, DIGEST);
            assertThat(other).doesNotExist();
            assertThat(reader.channel().read(ByteBuffer.allocate(100))).isEqualTo(CONTENT.length);
        }
        assertThat(read()).isEqualTo("content");
    }
}
