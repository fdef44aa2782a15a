package io.berth.archive;

import com.github.luben.zstd.Zstd;
import io.berth.fuzz.Fuzzer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Archives and compressed streams as a hostile client or registry would send them. */
class ArchiveFuzzTest {
    private static final byte[] PAX =
            "30 mtime=1350244992.023960108\n20 path=a/long/name\n".getBytes(StandardCharsets.UTF_8);
    private static final byte[] SPARSE = "28 GNU.sparse.name=a/sparse1\n22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"
            .getBytes(StandardCharsets.UTF_8);
    private static final Compressor XZ = out -> new XZOutputStream(out, new LZMA2Options(0));

    @Test
    void tar() {
        Fuzzer.of("tar")
                .example(archive('0', 'x', PAX, '0'))
                .example(archive('x', SPARSE, '0'))
                .example(archive('g', PAX, 'L', "a/name".getBytes(StandardCharsets.UTF_8), '5', '2', '1', '3'))
                .example(archive('K', "a/link".getBytes(StandardCharsets.UTF_8), '2', 'S', new byte[5], '6'))
                .words("ustar\0" + "00", "ustar  \0", "GNU.sparse.map=0,1,2,3", "SCHILY.xattr.user.a=", "size=", "uid=")
                .refusesBy(IOException.class)
                .run(ArchiveFuzzTest::readTar);
    }

    @Test
    void extendedHeaders() {
        Fuzzer.of("pax")
                .example(PAX)
                .example(SPARSE)
                .refusesBy(ArchiveFormatException.class)
                .run(PaxRecords::parse);
    }

    @Test
    void sparseMaps() {
        Fuzzer.of("sparse map")
                .examples("0,10,20,30", "0,0", "1,2,3,4,5,6")
                .words(",")
                .refusesBy(ArchiveFormatException.class)
                .runText(text -> SparseMap.parse(text, 100));
    }

    @Test
    void compressedStreams() throws IOException {
        byte[] zeros = new byte[3_000];
        byte[] text = "some text, some more text".getBytes(StandardCharsets.UTF_8);
        byte[] members = concatenated(gzip(text), gzip(zeros), new byte[3]);
        Fuzzer.of("compression")
                .example(gzip(zeros))
                .example(members)
                .example(withAllFields(gzip(text)))
                .example(Zstd.compress(text))
                .example(concatenated(
                        new byte[] {0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4}, Zstd.compress(zeros, 19)))
                .example(compressed(XZ, text))
                .example(compressed(BZip2CompressorOutputStream::new, text))
                .refusesBy(IOException.class)
                .costing(2)
                .run(ArchiveFuzzTest::decompress);
    }

    /** What compresses to a stream. */
    private interface Compressor {
        OutputStream to(OutputStream out) throws IOException;
    }

    private static byte[] compressed(Compressor compressor, byte[] content) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream out = compressor.to(compressed)) {
            out.write(content);
        }
        return compressed.toByteArray();
    }

    private static byte[] concatenated(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] gzip(byte[] content) throws IOException {
        return compressed(GZIPOutputStream::new, content);
    }

    /** A member with extra field, name, comment and header checksum (RFC 1952, 2.3). */
    private static byte[] withAllFields(byte[] member) {
        byte[] head = Arrays.copyOf(member, 10);
        head[3] = 0x1e;
        byte[] fields = {4, 0, 'a', 'b', 0, 0, 'n', 'a', 'm', 'e', 0, 'c', 0, 1, 2};
        return concatenated(head, fields, Arrays.copyOfRange(member, 10, member.length));
    }

    /** As it is, and with the checksums that the headers should have: most changes would get no further than to them. */
    private static void readTar(byte[] input) throws IOException {
        byte[] repaired = input.clone();
        for (int at = 0; at + 512 <= input.length; at += 512) {
            if (new String(input, at + 257, 5, StandardCharsets.ISO_8859_1).equals("ustar")) {
                putChecksum(repaired, at);
            }
        }
        readEntries(repaired);
        readEntries(input);
    }

    private static void readEntries(byte[] input) throws IOException {
        TarReader reader = new TarReader(new ByteArrayInputStream(input));
        while (reader.next().isPresent()) {
            drain(reader.content());
        }
    }

    private static void decompress(byte[] input) throws IOException {
        try (InputStream stream = Decompression.of(new ByteArrayInputStream(input)).stream()) {
            drain(stream);
        }
    }

    /** Up to 16 MiB, since what is sparse or compressed may be long. */
    private static void drain(InputStream stream) throws IOException {
        byte[] piece = new byte[16 << 10];
        for (int i = 0; i < 1 << 10 && stream.read(piece) >= 0; i++) {}
    }

    /** Entries by the type flag of each, followed by its content if it has some. */
    private static byte[] archive(Object... flagsAndContents) {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        for (int i = 0; i < flagsAndContents.length; i++) {
            char flag = (char) flagsAndContents[i];
            byte[] content = i + 1 < flagsAndContents.length && flagsAndContents[i + 1] instanceof byte[] bytes
                    ? bytes
                    : new byte[0];
            i += content.length > 0 ? 1 : 0;
            archive.writeBytes(header(flag, content.length));
            archive.writeBytes(content);
            archive.writeBytes(new byte[(512 - content.length % 512) % 512]);
        }
        archive.writeBytes(new byte[1024]);
        return archive.toByteArray();
    }

    private static byte[] header(char flag, int size) {
        byte[] header = new byte[512];
        put(header, 0, "dir/file");
        put(header, 100, "0000644\0" + "0000000\0" + "0000000\0");
        put(header, 124, "%011o\0".formatted(size));
        put(header, 136, "14371573000\0");
        header[156] = (byte) flag;
        put(header, 157, "target");
        if (flag == 'S') {
            put(header, 257, "ustar  \0");
            put(header, 386, "00000000000\0" + "00000000002\0" + "00000001000\0" + "00000000003\0");
            put(header, 483, "00000004000\0");
        } else {
            put(header, 257, "ustar\0" + "00");
        }
        putChecksum(header, 0);
        return header;
    }

    private static void putChecksum(byte[] archive, int at) {
        put(archive, at + 148, "        ");
        int sum = 0;
        for (int i = at; i < at + 512; i++) {
            sum += archive[i] & 0xff;
        }
        put(archive, at + 148, "%06o\0 ".formatted(sum));
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }
}
