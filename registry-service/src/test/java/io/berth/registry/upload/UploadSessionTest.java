package io.berth.registry.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.oci.Digest;
import io.berth.registry.durability.DataDirectory;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.storage.file.FileContentStorage;
import io.berth.registry.storage.file.FileUploadStorage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploadSessionTest {
    @TempDir
    Path directory;

    private final UUID id = UUID.randomUUID();
    private DataDirectory data;
    private FileUploadStorage storage;
    private UploadSession session;

    @BeforeEach
    void create() throws IOException {
        data = new DataDirectory(directory);
        data.start();
        storage = new FileUploadStorage(data, new FileContentStorage(data));
        storage.create(id);
        session = session();
    }

    @AfterEach
    void stop() {
        data.stop();
    }

    private UploadSession session() {
        return new UploadSession(id, new RepositoryName("a"), HashAlgorithm.SHA256, "anonymous", storage);
    }

    private static long append(UploadSession session, Chunk chunk, boolean keepPartial) throws IOException {
        return session.exclusively(claim -> session.append(claim, chunk, keepPartial));
    }

    private static Digest complete(UploadSession session, HashAlgorithm algorithm) throws IOException {
        return session.exclusively(claim -> session.digest(claim, algorithm)).orElseThrow();
    }

    @Test
    void hashesAndWritesLargeBodiesSideBySide() throws IOException {
        byte[] content = new byte[80_000_000];
        new Random(3).nextBytes(content);
        Chunk first = new Chunk(new ByteArrayInputStream(content, 0, 50_000_001), -1, -1);
        Chunk second = new Chunk(new ByteArrayInputStream(content, 50_000_001, 29_999_999), 50_000_001, 29_999_999);
        assertThat(append(session, first, true)).isEqualTo(50_000_001);
        assertThat(append(session, second, true)).isEqualTo(80_000_000);
        assertThat(complete(session, HashAlgorithm.SHA256)).isEqualTo(Digest.sha256(content));
        assertThat(complete(session(), HashAlgorithm.SHA256))
                .as("what is stored")
                .isEqualTo(Digest.sha256(content));
    }

    @Test
    void keepsDigestAndContentTogetherWhenALargeBodyBreaksOff() throws IOException {
        byte[] content = new byte[6_000_000];
        new Random(4).nextBytes(content);
        InputStream broken =
                new SequenceInputStream(new ByteArrayInputStream(content, 0, 4_000_000), new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("the client has gone");
                    }

                    @Override
                    public int read(byte[] buffer, int offset, int length) throws IOException {
                        throw new IOException("the client has gone");
                    }
                });
        assertThatThrownBy(() -> append(session, new Chunk(broken, -1, -1), true))
                .hasMessage("the client has gone");
        assertThat(session.offset()).isEqualTo(4_000_000);
        append(session, new Chunk(new ByteArrayInputStream(content, 4_000_000, 2_000_000), 4_000_000, -1), true);
        assertThat(complete(session, HashAlgorithm.SHA256)).isEqualTo(Digest.sha256(content));
    }

    private static Chunk stream(String text) {
        return new Chunk(new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)), -1, -1);
    }

    private static Chunk placed(String text, long first, long length) {
        return new Chunk(new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)), first, length);
    }

    private static Digest digest(String text) {
        return Digest.sha256(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void growsAndKnowsItsDigest() throws IOException {
        assertThat(append(session, stream("hello "), true)).isEqualTo(6);
        assertThat(append(session, placed("world", 6, 5), true)).isEqualTo(11);
        assertThat(session.offset()).isEqualTo(11);
        assertThat(complete(session, HashAlgorithm.SHA256)).isEqualTo(digest("hello world"));
    }

    @Test
    void computesTheDigestAgainAfterARestart() throws IOException {
        append(session, stream("hello "), true);
        UploadSession resumed = session();
        append(resumed, stream("world"), true);
        assertThat(complete(resumed, HashAlgorithm.SHA256)).isEqualTo(digest("hello world"));
    }

    @Test
    void computesAnotherAlgorithmThanAnnounced() throws IOException {
        append(session, stream("x"), true);
        Digest digest = complete(session, HashAlgorithm.SHA512);
        assertThat(digest.matches(digest.newMessageDigest().digest("x".getBytes(StandardCharsets.US_ASCII))))
                .isTrue();
    }

    @Test
    void refusesChunksOutOfOrder() throws IOException {
        append(session, stream("hello"), true);
        for (long first : new long[] {0, 4, 6}) {
            assertThatThrownBy(() -> append(session, placed("x", first, 1), true))
                    .isInstanceOfSatisfying(ChunkOutOfOrder.class, e -> {
                        assertThat(e.status()).isEqualTo(416);
                        assertThat(e.offset()).isEqualTo(5);
                    });
        }
        assertThat(session.offset()).isEqualTo(5);
    }

    @Test
    void takesNothingOfABodyWithTheWrongLength() throws IOException {
        append(session, stream("ab"), true);
        assertThatThrownBy(() -> append(session, placed("cdef", 2, 3), true)).isInstanceOf(RegistryException.class);
        assertThatThrownBy(() -> append(session, placed("cd", 2, 3), true)).isInstanceOf(RegistryException.class);
        assertThat(session.offset()).isEqualTo(2);
        append(session, placed("cde", 2, 3), true);
        assertThat(complete(session, HashAlgorithm.SHA256)).isEqualTo(digest("abcde"));
    }

    @Test
    void keepsWhatArrivedOfABrokenStreamOnlyWhenAsked() throws IOException {
        assertThatThrownBy(() -> append(session, broken("abc"), true)).hasMessage("gone");
        assertThat(session.offset()).isEqualTo(3);
        assertThatThrownBy(() -> append(session, broken("def"), false)).hasMessage("gone");
        assertThat(session.offset()).isEqualTo(3);
        append(session, stream("d"), true);
        assertThat(complete(session, HashAlgorithm.SHA256)).isEqualTo(digest("abcd"));
    }

    private static Chunk broken(String text) {
        return new Chunk(
                new InputStream() {
                    private int next;

                    @Override
                    public int read() throws IOException {
                        if (next == text.length()) {
                            throw new IOException("gone");
                        }
                        return text.charAt(next++);
                    }

                    @Override
                    public int read(byte[] buffer, int offset, int length) throws IOException {
                        buffer[offset] = (byte) read();
                        return 1;
                    }
                },
                -1,
                -1);
    }

    @Test
    void letsOneRequestWriteAtATime() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        Thread writer = Thread.ofVirtual().start(() -> {
            try {
                session.exclusively(claim -> {
                    inside.countDown();
                    try {
                        leave.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return true;
                });
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        inside.await();
        assertThatThrownBy(() -> session.exclusively(claim -> true))
                .isInstanceOfSatisfying(
                        RegistryException.class, e -> assertThat(e.status()).isEqualTo(409));
        leave.countDown();
        writer.join();
        assertThat(session.<Boolean>exclusively(claim -> true)).isTrue();
    }

    @Test
    void isUnknownOnceItIsOver() throws IOException {
        session.exclusively(claim -> {
            session.close();
            return true;
        });
        assertThatThrownBy(() -> session.exclusively(claim -> true))
                .isInstanceOfSatisfying(
                        RegistryException.class,
                        e -> assertThat(e.errors().getFirst().code()).isEqualTo(ErrorCode.BLOB_UPLOAD_UNKNOWN));
    }
}
