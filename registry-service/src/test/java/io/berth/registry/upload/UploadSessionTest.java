package io.berth.registry.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.oci.Digest;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.repository.RepositoryName;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploadSessionTest {
    @TempDir
    Path directory;

    private Path file;
    private UploadSession session;

    @BeforeEach
    void create() throws IOException {
        file = Files.createFile(directory.resolve("upload"));
        session = session();
    }

    private UploadSession session() {
        return new UploadSession(UUID.randomUUID(), new RepositoryName("a"), HashAlgorithm.SHA256, file);
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
        assertThat(session.append(stream("hello "), true)).isEqualTo(6);
        assertThat(session.append(placed("world", 6, 5), true)).isEqualTo(11);
        assertThat(session.offset()).isEqualTo(11);
        assertThat(session.complete(HashAlgorithm.SHA256)).isEqualTo(digest("hello world"));
    }

    @Test
    void computesTheDigestAgainAfterARestart() throws IOException {
        session.append(stream("hello "), true);
        UploadSession resumed = session();
        resumed.append(stream("world"), true);
        assertThat(resumed.complete(HashAlgorithm.SHA256)).isEqualTo(digest("hello world"));
    }

    @Test
    void computesAnotherAlgorithmThanAnnounced() throws IOException {
        session.append(stream("x"), true);
        Digest digest = session.complete(HashAlgorithm.SHA512);
        assertThat(digest.matches(digest.newMessageDigest().digest("x".getBytes(StandardCharsets.US_ASCII))))
                .isTrue();
    }

    @Test
    void refusesChunksOutOfOrder() throws IOException {
        session.append(stream("hello"), true);
        for (long first : new long[] {0, 4, 6}) {
            assertThatThrownBy(() -> session.append(placed("x", first, 1), true))
                    .isInstanceOfSatisfying(ChunkOutOfOrder.class, e -> {
                        assertThat(e.status()).isEqualTo(416);
                        assertThat(e.offset()).isEqualTo(5);
                    });
        }
        assertThat(session.offset()).isEqualTo(5);
    }

    @Test
    void takesNothingOfABodyWithTheWrongLength() throws IOException {
        session.append(stream("ab"), true);
        assertThatThrownBy(() -> session.append(placed("cdef", 2, 3), true)).isInstanceOf(RegistryException.class);
        assertThatThrownBy(() -> session.append(placed("cd", 2, 3), true)).isInstanceOf(RegistryException.class);
        assertThat(session.offset()).isEqualTo(2);
        session.append(placed("cde", 2, 3), true);
        assertThat(session.complete(HashAlgorithm.SHA256)).isEqualTo(digest("abcde"));
    }

    @Test
    void keepsWhatArrivedOfABrokenStreamOnlyWhenAsked() throws IOException {
        assertThatThrownBy(() -> session.append(broken("abc"), true)).hasMessage("gone");
        assertThat(session.offset()).isEqualTo(3);
        assertThatThrownBy(() -> session.append(broken("def"), false)).hasMessage("gone");
        assertThat(session.offset()).isEqualTo(3);
        session.append(stream("d"), true);
        assertThat(session.complete(HashAlgorithm.SHA256)).isEqualTo(digest("abcd"));
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
                session.exclusively(() -> {
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
        assertThatThrownBy(() -> session.exclusively(() -> true))
                .isInstanceOfSatisfying(
                        RegistryException.class, e -> assertThat(e.status()).isEqualTo(409));
        leave.countDown();
        writer.join();
        assertThat(session.exclusively(() -> true)).isTrue();
    }

    @Test
    void isUnknownOnceItIsOver() throws IOException {
        session.exclusively(() -> {
            session.close();
            return true;
        });
        assertThatThrownBy(() -> session.exclusively(() -> true))
                .isInstanceOfSatisfying(
                        RegistryException.class,
                        e -> assertThat(e.errors().getFirst().code()).isEqualTo(ErrorCode.BLOB_UPLOAD_UNKNOWN));
    }
}
