package io.berth.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.berth.oci.MediaType.Compression;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class DecompressionTest {
    private static final byte[] DATA = new byte[300_000];

    static {
        new Random(7).nextBytes(DATA);
        Arrays.fill(DATA, 1000, 200_000, (byte) 'a');
    }

    private static byte[] gzip(byte[] data) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(data);
        }
        return out.toByteArray();
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /** As a network does it: few bytes at a time, and never any «available». */
    private static InputStream trickle(byte[] bytes) {
        return new InputStream() {
            private int at;

            @Override
            public int read() {
                return at == bytes.length ? -1 : bytes[at++] & 0xFF;
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                int count = Math.min(Math.min(length, 7), bytes.length - at);
                if (count == 0) {
                    return length == 0 ? 0 : -1;
                }
                System.arraycopy(bytes, at, target, offset, count);
                at += count;
                return count;
            }
        };
    }

    private static byte[] decompress(byte[] bytes) throws IOException {
        try (InputStream in = Decompression.of(trickle(bytes)).stream()) {
            return in.readAllBytes();
        }
    }

    @Test
    void readsEveryMember() throws IOException {
        byte[] half = Arrays.copyOf(DATA, 150_000);
        byte[] rest = Arrays.copyOfRange(DATA, 150_000, DATA.length);
        byte[] members = concat(gzip(half), gzip(new byte[0]), gzip(rest), new byte[700]);
        assertThat(decompress(members)).isEqualTo(DATA);
        assertThat(new GzipInputStream(new ByteArrayInputStream(members)).readAllBytes())
                .isEqualTo(DATA);
    }

    @Test
    void readsHeadersWithEveryField() throws IOException {
        byte[] plain = gzip(DATA);
        byte[] fields = concat(
                new byte[] {0x1f, (byte) 0x8b, 8, 2 + 4 + 8 + 16, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3},
                "name\0comment\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                new byte[] {9, 9},
                Arrays.copyOfRange(plain, 10, plain.length));
        assertThat(decompress(fields)).isEqualTo(DATA);
    }

    @Test
    void refusesGarbageTruncationAndWrongSums() throws IOException {
        byte[] plain = gzip(DATA);
        assertThatThrownBy(() -> decompress(concat(plain, new byte[] {0, 0, 5})))
                .hasMessageContaining("garbage");
        assertThatThrownBy(() -> decompress(Arrays.copyOf(plain, plain.length - 3)))
                .hasMessageContaining("unexpected end");
        byte[] wrong = plain.clone();
        wrong[wrong.length - 6] ^= 1;
        assertThatThrownBy(() -> decompress(wrong)).hasMessageContaining("checksum");
    }

    @Test
    void readsZstdAndPlainAndTellsThemApart() throws IOException {
        assertThat(decompress(Zstd.compress(DATA))).isEqualTo(DATA);
        assertThat(decompress(DATA)).isEqualTo(DATA);
        assertThat(decompress(new byte[0])).isEmpty();
        assertThat(Decompression.of(trickle(Zstd.compress(DATA))).compression()).isEqualTo(Compression.ZSTD);
        assertThat(Decompression.of(trickle(gzip(DATA))).compression()).isEqualTo(Compression.GZIP);
        assertThatThrownBy(() -> decompress(Arrays.copyOf(Zstd.compress(DATA), 1000)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void refusesWindowsOverTheLimitAndWhatIsNotSupported() {
        // A frame of one empty block that asks for a window of 2 GiB (RFC 8878, 3.1.1.1.2).
        byte[] greedy = java.util.HexFormat.of().parseHex("28b52ffd" + "00" + "a8" + "010000");
        assertThatThrownBy(() -> decompress(greedy)).isInstanceOf(ArchiveFormatException.class);
        assertThatThrownBy(() -> decompress(new byte[] {'B', 'Z', 'h', '9', 1, 2}))
                .hasMessageContaining("bzip2");
        assertThatThrownBy(() -> decompress(new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0}))
                .hasMessageContaining("xz");
    }
}
