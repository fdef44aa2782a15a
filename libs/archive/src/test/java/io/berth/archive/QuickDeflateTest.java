package io.berth.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What it writes is read by zlib, which is another's. */
class QuickDeflateTest {
    private static final int BLOCK = 256 * 1024;

    private final QuickDeflate deflate = new QuickDeflate(BLOCK);

    private byte[] compress(byte[] data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] before = new byte[0];
        int at = 0;
        do {
            byte[] block = Arrays.copyOfRange(data, at, Math.min(at + BLOCK, data.length));
            at += block.length;
            DeflateBits bits = deflate.compress(before, block, block.length, at == data.length);
            out.write(bits.bytes(), 0, bits.length());
            before = block;
        } while (at < data.length);
        return out.toByteArray();
    }

    private static byte[] inflate(byte[] compressed, int length) throws DataFormatException {
        try (Inflater inflater = new Inflater(true)) {
            inflater.setInput(compressed);
            byte[] data = new byte[length + 1];
            int count = 0;
            while (!inflater.finished()) {
                int more = inflater.inflate(data, count, data.length - count);
                assertThat(more > 0 || inflater.finished())
                        .as("there is more to read")
                        .isTrue();
                count += more;
            }
            assertThat(inflater.getRemaining()).as("bytes behind the end").isZero();
            return Arrays.copyOf(data, count);
        }
    }

    private void assertSame(byte[] data) throws DataFormatException {
        assertThat(inflate(compress(data), data.length)).isEqualTo(data);
    }

    private static byte[] noise(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void nothingAndNextToNothing() throws DataFormatException {
        for (int length = 0; length < 20; length++) {
            assertSame(new byte[length]);
            assertSame(noise(new Random(length), length));
        }
    }

    @Test
    void allThatMatchesCanBe() throws DataFormatException {
        // Every length with every kind of distance, so that every symbol and each of its extra bits is written.
        Random random = new Random(1);
        byte[] window = noise(random, 33 * 1024);
        for (int distance = 1; distance <= 32 * 1024; distance = distance < 40 ? distance + 1 : distance * 17 / 16) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(window, 0, distance);
            int length = 4 + random.nextInt(600);
            byte[] data = Arrays.copyOf(out.toByteArray(), distance + length);
            for (int i = distance; i < data.length; i++) {
                data[i] = data[i - distance];
            }
            assertSame(data);
        }
        for (int length = 4; length < 800; length++) {
            byte[] data = Arrays.copyOf(window, 1000 + length);
            System.arraycopy(window, 0, data, 1000, length);
            assertSame(data);
        }
    }

    @Test
    void codesThatWouldBeTooLong() throws DataFormatException {
        // How often bytes occur grows like Fibonacci's numbers: an unlimited code would have more than 15 bits.
        List<Byte> bytes = new ArrayList<>();
        long a = 1;
        long b = 1;
        for (int value = 0; value < 22; value++) {
            for (int i = 0; i < a; i++) {
                bytes.add((byte) value);
            }
            long sum = a + b;
            a = b;
            b = sum;
        }
        java.util.Collections.shuffle(bytes, new Random(2));
        byte[] data = new byte[bytes.size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = bytes.get(i);
        }
        assertSame(data);
    }

    @Test
    @Timeout(60)
    void whateverComes() throws DataFormatException {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            int length = random.nextInt(seed % 10 == 0 ? 900_000 : 70_000);
            while (out.size() < length) {
                switch (random.nextInt(5)) {
                    case 0 -> out.writeBytes(noise(random, random.nextInt(5000)));
                    case 1 -> out.writeBytes(new byte[random.nextInt(3000)]);
                    case 2 -> {
                        for (int i = random.nextInt(2000); i > 0; i--) {
                            out.write('a' + random.nextInt(1 + random.nextInt(26)));
                        }
                    }
                    case 3 -> {
                        byte[] so = out.toByteArray();
                        int from = random.nextInt(so.length + 1);
                        out.write(so, from, Math.min(so.length - from, random.nextInt(40_000)));
                    }
                    default -> out.writeBytes("the quick brown fox ".getBytes(StandardCharsets.US_ASCII));
                }
            }
            assertSame(out.toByteArray());
        }
    }

    @Test
    void isNotMuchLargerThanWhatZlibMakesAtItsFastest() {
        Random random = new Random(4);
        StringBuilder text = new StringBuilder();
        while (text.length() < BLOCK) {
            text.append("public static ")
                    .append(Integer.toString(random.nextInt(1000), 36))
                    .append(" of(String name");
            text.append(random.nextInt(20))
                    .append(") { return /usr/lib/")
                    .append(random.nextInt(100))
                    .append("; }\n");
        }
        byte[] data = text.toString().getBytes(StandardCharsets.US_ASCII);
        byte[] peer = new byte[data.length];
        int peerLength;
        try (Deflater zlib = new Deflater(Deflater.BEST_SPEED, true)) {
            zlib.setInput(data);
            zlib.finish();
            peerLength = zlib.deflate(peer);
        }
        assertThat(compress(data).length).isLessThan(peerLength * 5 / 4);
    }
}
