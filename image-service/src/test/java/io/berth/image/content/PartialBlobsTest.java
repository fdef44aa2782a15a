package io.berth.image.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.image.data.DataDirectory;
import io.berth.image.lease.Lease;
import io.berth.image.lease.Leases;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartialBlobsTest {
    private static final byte[] CONTENT = new byte[300_000];
    private static final Digest DIGEST;

    static {
        new Random(5).nextBytes(CONTENT);
        DIGEST = Digest.sha256(CONTENT);
    }

    private static final Descriptor BLOB = Descriptor.of(MediaType.OCI_LAYER, DIGEST, CONTENT.length);

    @TempDir
    Path directory;

    private final Leases leases = new Leases();
    private final List<Long> opened = new ArrayList<>();
    private ContentStore store;

    @BeforeEach
    void start() throws IOException {
        DataDirectory data = new DataDirectory(directory);
        Files.createDirectories(data.ingest());
        Files.createDirectories(data.blobs().resolve("sha256"));
        Files.createDirectories(data.blobs().resolve("sha512"));
        store = new ContentStore(data);
    }

    /** Breaks off at an offset; -1 for not at all. */
    private BlobSource source(byte[] content, int breaksAt) {
        return new BlobSource() {
            @Override
            public InputStream open() {
                return openAt(0);
            }

            @Override
            public InputStream openAt(long offset) {
                opened.add(offset);
                int end = breaksAt < 0 ? content.length : breaksAt;
                InputStream in = new ByteArrayInputStream(Arrays.copyOfRange(content, (int) offset, end));
                return new InputStream() {
                    @Override
                    public int read() throws IOException {
                        byte[] one = new byte[1];
                        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                    }

                    @Override
                    public int read(byte[] target, int at, int length) throws IOException {
                        int count = in.read(target, at, length);
                        if (count < 0 && breaksAt >= 0) {
                            throw new IOException("connection reset");
                        }
                        return count;
                    }
                };
            }
        };
    }

    private void receive(BlobSource source) throws IOException {
        try (Lease lease = leases.open()) {
            store.ensure(lease, BLOB, source);
        }
    }

    private List<Path> ingest() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("content/ingest"))) {
            return files.toList();
        }
    }

    @Test
    void goesOnWhereAnEarlierAttemptEndedAlsoAfterARestart() throws IOException {
        assertThatThrownBy(() -> receive(source(CONTENT, 100_000))).hasMessage("connection reset");
        assertThatThrownBy(() -> receive(source(CONTENT, 200_000))).hasMessage("connection reset");
        store = new ContentStore(new DataDirectory(directory));
        store.discardUnfinished();
        receive(source(CONTENT, -1));
        assertThat(opened).containsExactly(0L, 100_000L, 200_000L);
        assertThat(store.read(DIGEST, CONTENT.length)).isEqualTo(CONTENT);
        assertThat(ingest()).isEmpty();
    }

    @Test
    void aPartOfSomethingElseIsThrownAway() throws IOException {
        byte[] other = CONTENT.clone();
        other[7] ^= 1;
        assertThatThrownBy(() -> receive(source(other, 100_000))).hasMessage("connection reset");
        receive(source(CONTENT, -1));
        assertThat(opened).containsExactly(0L, 100_000L, 0L);
        assertThat(store.exists(DIGEST)).isTrue();
        assertThat(ingest()).isEmpty();
    }

    @Test
    void whatIsWrongIsNotKept() throws IOException {
        byte[] other = CONTENT.clone();
        other[CONTENT.length - 1] ^= 1;
        assertThatThrownBy(() -> receive(source(other, -1))).isInstanceOf(BlobMismatch.class);
        assertThat(ingest()).isEmpty();
    }

    @Test
    void aWholeBlobThatWasNotRenamedNeedsNoSource() throws IOException {
        Files.write(directory.resolve("content/ingest/sha256-" + DIGEST.hex() + ".part"), CONTENT);
        receive(source(CONTENT, -1));
        assertThat(opened).isEmpty();
        assertThat(store.exists(DIGEST)).isTrue();
    }

    @Test
    void twoAtOnceDoNotShareAFile() throws IOException {
        try (Lease lease = leases.open();
                BlobWriter first = store.writer(lease, DIGEST, CONTENT.length);
                BlobWriter second = store.writer(lease, DIGEST, CONTENT.length)) {
            first.write(CONTENT, 0, 1000);
            second.write(CONTENT);
            assertThat(second.commit()).isEqualTo(DIGEST);
            first.write(CONTENT, 1000, CONTENT.length - 1000);
            assertThat(first.commit()).isEqualTo(DIGEST);
        }
        assertThat(store.read(DIGEST, CONTENT.length)).isEqualTo(CONTENT);
        assertThat(ingest()).isEmpty();
    }

    @Test
    void oldPartsAreRemovedButNotOnesInUse() throws IOException {
        assertThatThrownBy(() -> receive(source(CONTENT, 100_000))).hasMessage("connection reset");
        assertThat(store.discardPartials(Duration.ofHours(1))).isZero();
        Path part = ingest().getFirst();
        Files.setLastModifiedTime(part, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        try (Lease lease = leases.open();
                BlobWriter _ = store.writer(lease, DIGEST, CONTENT.length)) {
            assertThat(store.discardPartials(Duration.ofHours(1))).as("in use").isZero();
        }
        assertThat(store.discardPartials(Duration.ofHours(1))).isEqualTo(100_000);
        assertThat(ingest()).isEmpty();
    }
}
