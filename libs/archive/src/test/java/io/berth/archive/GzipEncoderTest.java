package io.berth.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GzipEncoderTest {
    /** Text with a random part now and then: what repeats lies within and across blocks. */
    private static byte[] data(int length) {
        Random random = new Random(length);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (out.size() < length) {
            out.writeBytes(("/usr/share/doc/package-" + random.nextInt(900) + "/copyright\n")
                    .getBytes(StandardCharsets.UTF_8));
            if (random.nextInt(50) == 0) {
                byte[] noise = new byte[random.nextInt(20_000)];
                random.nextBytes(noise);
                out.writeBytes(noise);
            }
        }
        return Arrays.copyOf(out.toByteArray(), length);
    }

    private static byte[] encode(byte[] data, int parallelism, int piece) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GzipEncoder gzip = new GzipEncoder(out, parallelism)) {
            for (int at = 0; at < data.length; at += piece) {
                gzip.write(data, at, Math.min(piece, data.length - at));
            }
        }
        return out.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0,
                1,
                1000,
                GzipEncoder.BLOCK - 1,
                GzipEncoder.BLOCK,
                GzipEncoder.BLOCK + 1,
                3 * GzipEncoder.BLOCK,
                20 * GzipEncoder.BLOCK + 12345
            })
    void givesOneMemberWithTheSameBytesWhateverThreadsAndWrites(int length) throws IOException {
        byte[] data = data(length);
        byte[] encoded = encode(data, 1, 64 * 1024);
        try (GZIPInputStream decoded = new GZIPInputStream(new ByteArrayInputStream(encoded))) {
            assertThat(decoded.readAllBytes()).isEqualTo(data);
        }
        try (GzipInputStream decoded = new GzipInputStream(new ByteArrayInputStream(encoded))) {
            assertThat(decoded.readAllBytes()).isEqualTo(data);
        }
        for (int parallelism : new int[] {2, 3, 16}) {
            assertThat(encode(data, parallelism, 7777)).isEqualTo(encoded);
        }
        assertThat(encode(data, 4, Integer.MAX_VALUE / 2)).isEqualTo(encoded);
    }

    @Test
    void dataThatDoesNotCompressGrowsHardlyAtAll() throws IOException {
        byte[] noise = new byte[5 * GzipEncoder.BLOCK];
        new Random(3).nextBytes(noise);
        byte[] encoded = encode(noise, 4, noise.length);
        assertThat(encoded.length).isLessThan(noise.length + noise.length / 1000);
        try (GzipInputStream decoded = new GzipInputStream(new ByteArrayInputStream(encoded))) {
            assertThat(decoded.readAllBytes()).isEqualTo(noise);
        }
    }

    @Test
    void whatRepeatsFromOneBlockToTheNextIsFound() throws IOException {
        byte[] noise = new byte[16 * 1024];
        new Random(3).nextBytes(noise);
        byte[] data = new byte[2 * GzipEncoder.BLOCK];
        System.arraycopy(noise, 0, data, GzipEncoder.BLOCK - noise.length, noise.length);
        System.arraycopy(noise, 0, data, GzipEncoder.BLOCK, noise.length);
        assertThat(encode(data, 2, data.length)).hasSizeLessThan(noise.length * 3 / 2);
    }

    @Test
    void hasNothingOfTimeOrMachineInIt() throws IOException {
        assertThat(HexFormat.of().formatHex(encode("hello".getBytes(StandardCharsets.UTF_8), 2, 5)))
                .startsWith("1f8b08000000000004ff")
                .endsWith("86a6103605000000");
    }

    @Test
    void afterAFailureClosingOnlyGivesUp() throws IOException {
        OutputStream full = new OutputStream() {
            private int room = 100_000;

            @Override
            public void write(int b) throws IOException {
                throw new IOException("not used");
            }

            @Override
            public void write(byte[] source, int offset, int length) throws IOException {
                room -= length;
                if (room < 0) {
                    throw new IOException("no space left");
                }
            }
        };
        byte[] noise = new byte[4 * 1024 * 1024];
        new Random(3).nextBytes(noise);
        GzipEncoder gzip = new GzipEncoder(full, 2);
        assertThatThrownBy(() -> gzip.write(noise))
                .isInstanceOf(IOException.class)
                .hasMessage("no space left");
        gzip.close();
        assertThatThrownBy(() -> gzip.write(1)).isInstanceOf(IOException.class).hasMessage("the gzip data has ended");
    }

    @Test
    void leavesTheStreamBelowOpen() throws IOException {
        boolean[] closed = {false};
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            @Override
            public void close() {
                closed[0] = true;
            }
        };
        GzipEncoder gzip = new GzipEncoder(out, 2);
        gzip.write(new byte[10]);
        gzip.finish();
        int size = out.size();
        gzip.close();
        gzip.close();
        assertThat(closed[0]).isFalse();
        assertThat(out.size()).isEqualTo(size);
    }
}
