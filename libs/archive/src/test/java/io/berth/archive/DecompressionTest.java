package io.berth.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.berth.oci.MediaType.Compression;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
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

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = DecompressionTest.class.getResourceAsStream(name)) {
            return java.util.Objects.requireNonNull(in).readAllBytes();
        }
    }

    /** What {@code text.bz2} and {@code text.xz} were made of by the programs of that name. */
    private static byte[] text() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < 9000; i++) {
            out.writeBytes(("line " + i + " of the text, and what repeats: " + "ab".repeat(i % 7) + "\n")
                    .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
        out.writeBytes(new byte[5000]);
        for (int i = 0; i < 3 * 256; i++) {
            out.write(i);
        }
        return out.toByteArray();
    }

    @Test
    void readsBzip2OfSeveralBlocksAndStreams() throws IOException {
        byte[] compressed = resource("text.bz2");
        byte[] expected = concat(text(), "second".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertThat(decompress(compressed)).isEqualTo(expected);
        assertThat(Decompression.of(trickle(compressed)).compression()).isEqualTo(Compression.NONE);
        assertThat(Decompression.of(trickle(compressed)).stream().readAllBytes())
                .isEqualTo(expected);
        assertThatThrownBy(() -> decompress(Arrays.copyOf(compressed, 5000)))
                .isInstanceOf(ArchiveFormatException.class)
                .hasMessageContaining("Unexpected end");
    }

    @Test
    void brokenBzip2IsRefusedAndHarmsNothing() throws IOException {
        byte[] compressed = resource("text.bz2");
        Random random = new Random(11);
        for (int i = 0; i < 300; i++) {
            byte[] broken = compressed.clone();
            broken[4 + random.nextInt(broken.length - 4)] ^= (byte) (1 << random.nextInt(8));
            assertThatThrownBy(() -> decompress(broken)).isInstanceOf(ArchiveFormatException.class);
        }
    }

    @Test
    void whatTheSourceThrowsStaysWhatItIs() throws IOException {
        byte[] compressed = resource("text.bz2");
        IOException broken = new IOException("connection reset");
        InputStream source = new FilterInputStream(new ByteArrayInputStream(compressed, 0, 5000)) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int read = super.read(target, offset, length);
                if (read < 0) {
                    throw broken;
                }
                return read;
            }
        };
        assertThatThrownBy(() -> Decompression.of(source).stream().readAllBytes())
                .isSameAs(broken);
    }

    @Test
    void readsXz() throws IOException {
        byte[] compressed = resource("text.xz");
        assertThat(decompress(compressed)).isEqualTo(text());
        assertThatThrownBy(() -> decompress(Arrays.copyOf(compressed, 5000)))
                .isInstanceOf(ArchiveFormatException.class)
                .hasMessageContaining("xz");
        byte[] broken = compressed.clone();
        broken[3000] ^= 1;
        assertThatThrownBy(() -> decompress(broken)).isInstanceOf(ArchiveFormatException.class);
    }
}
