package io.berth.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.kernel.RawTar;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TarTest {
    private record Read(TarEntry entry, List<Byte> bytes) {
        static Read of(TarEntry entry, byte[] content) {
            return new Read(entry, asList(content));
        }
    }

    private static List<Byte> asList(byte[] bytes) {
        List<Byte> list = new ArrayList<>(bytes.length);
        for (byte b : bytes) {
            list.add(b);
        }
        return list;
    }

    private static List<Read> read(byte[] archive) throws IOException {
        TarReader reader = new TarReader(new ByteArrayInputStream(archive));
        List<Read> all = new ArrayList<>();
        for (Optional<TarEntry> entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            all.add(Read.of(entry.get(), reader.content().readAllBytes()));
        }
        return all;
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    private static TarEntry only(byte[] archive) throws IOException {
        return read(archive).getFirst().entry();
    }

    @Test
    void roundTripsRandomEntries() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<TarEntry> entries = new ArrayList<>();
        List<byte[]> contents = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            byte[] content = new byte[random.nextInt(2000)];
            random.nextBytes(content);
            TarType type = List.copyOf(EnumSet.allOf(TarType.class)).get(random.nextInt(7));
            boolean file = type == TarType.FILE;
            boolean link = type == TarType.HARD_LINK || type == TarType.SYMBOLIC_LINK;
            boolean device = type == TarType.CHARACTER_DEVICE || type == TarType.BLOCK_DEVICE;
            contents.add(file ? content : new byte[0]);
            entries.add(new TarEntry(
                    name(random),
                    link ? name(random) : "",
                    type,
                    random.nextInt(0_10000),
                    random.nextLong(TarEntry.MAX_ID + 1),
                    random.nextInt(3000),
                    file ? content.length : 0,
                    Instant.ofEpochSecond(
                            random.nextInt() * 3L, random.nextBoolean() ? random.nextInt(1_000_000_000) : 0),
                    device ? random.nextInt(0x1000) : 0,
                    device ? random.nextInt(0x100000) : 0,
                    random.nextInt(4) == 0
                            ? Map.of(
                                    "security.capability",
                                    ByteBuffer.wrap(new byte[] {1, 0, (byte) 0xFF, '\n', '='})
                                            .asReadOnlyBuffer())
                            : Map.of()));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarWriter writer = new TarWriter(out)) {
            for (int i = 0; i < entries.size(); i++) {
                writer.write(entries.get(i), new ByteArrayInputStream(contents.get(i)));
            }
        }
        List<Read> back = read(out.toByteArray());
        assertThat(back.stream().map(Read::entry)).as("seed %d", seed).containsExactlyElementsOf(entries);
        for (int i = 0; i < back.size(); i++) {
            assertThat(back.get(i).bytes()).isEqualTo(asList(contents.get(i)));
        }
    }

    private static String name(Random random) {
        String alphabet = "abc/.ü漢\uDC80 -";
        StringBuilder name = new StringBuilder("n");
        for (int i = random.nextInt(300); i > 0; i--) {
            name.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return name.toString();
    }

    @Test
    void readsOldAndGnuHeaders() throws IOException {
        assertThat(only(new RawTar()
                                .entry('0', "x", "", new byte[0], 345, "deep/er")
                                .end())
                        .name())
                .isEqualTo("deep/er/x");
        assertThat(only(new RawTar().entry('\0', "dir/", "", new byte[0]).end()).type())
                .isEqualTo(TarType.DIRECTORY);
        String longName = "a/".repeat(150) + "end";
        byte[] archive = new RawTar()
                .entry('L', "././@LongLink", "", RawTar.ascii(longName + "\0"))
                .entry('K', "././@LongLink", "", RawTar.ascii("t".repeat(200) + "\0"))
                .entry('2', "short", "short", new byte[0])
                .end();
        assertThat(only(archive).name()).isEqualTo(longName);
        assertThat(only(archive).linkName()).isEqualTo("t".repeat(200));
    }

    @Test
    void readsBase256Numbers() throws IOException {
        TarEntry entry = only(new RawTar()
                .entry(
                        '0',
                        "x",
                        "",
                        new byte[0],
                        108,
                        RawTar.hex("80000000fffffffe"),
                        136,
                        RawTar.hex("fffffffffffffffffffffffe"))
                .end());
        assertThat(entry.uid()).isEqualTo(TarEntry.MAX_ID);
        assertThat(entry.modified()).isEqualTo(Instant.ofEpochSecond(-2));
        assertThatThrownBy(() -> only(new RawTar()
                        .entry('0', "x", "", new byte[0], 124, RawTar.hex("80ffffffffffffffffffffff"))
                        .end()))
                .isInstanceOf(ArchiveFormatException.class);
    }

    @Test
    void paxOverridesAndGlobalHeadersDoNot() throws IOException {
        byte[] archive = new RawTar()
                .entry('g', "pax_global", "", PaxRecords.record("path", RawTar.ascii("global")))
                .pax("path", "real/name", "uid", "70000000", "mtime", "1.000000007", "SCHILY.xattr.user.a", "b=c")
                .entry('0', "ignored", "", RawTar.ascii("hello"))
                .entry('0', "plain", "", new byte[0])
                .end();
        List<Read> all = read(archive);
        TarEntry first = all.getFirst().entry();
        assertThat(first.name()).isEqualTo("real/name");
        assertThat(first.uid()).isEqualTo(70_000_000);
        assertThat(first.modified()).isEqualTo(Instant.ofEpochSecond(1, 7));
        assertThat(text(Objects.requireNonNull(first.xattrs().get("user.a")))).isEqualTo("b=c");
        assertThat(all.get(1).entry().name()).isEqualTo("plain");
    }

    @Test
    void refusesOwnersThatWouldWrapToRoot() {
        for (String uid : List.of("4294967296", "4294967295", "18446744073709551616", "-1", "1e3")) {
            assertThatThrownBy(() -> only(new RawTar()
                            .pax("uid", uid)
                            .entry('0', "x", "", new byte[0])
                            .end()))
                    .as(uid)
                    .isInstanceOf(ArchiveFormatException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"5 a=b\n", "99 path=x\n", "x path=y\n", "6 a=bc", "4 a\n\n", "9 =value\n", "12 path=a\0b\n"})
    void refusesMalformedPaxRecords(String records) {
        assertThatThrownBy(() -> read(new RawTar()
                        .entry('x', "p", "", RawTar.ascii(records))
                        .entry('0', "x", "", new byte[0])
                        .end()))
                .isInstanceOf(ArchiveFormatException.class);
    }

    @Test
    void boundsExtensionHeaders() {
        assertThatThrownBy(
                        () -> read(new RawTar().header('x', "p", "", 1L << 33).withoutEnd()))
                .isInstanceOf(ArchiveFormatException.class)
                .hasMessageContaining("extension");
    }

    @Test
    void refusesWrongChecksumUnknownTypeAndTruncation() {
        byte[] archive = new RawTar().entry('0', "x", "", new byte[600]).end();
        byte[] flipped = archive.clone();
        flipped[0] ^= 1;
        assertThatThrownBy(() -> read(flipped)).hasMessageContaining("checksum");
        assertThatThrownBy(
                        () -> read(new RawTar().entry('Q', "x", "", new byte[0]).end()))
                .hasMessageContaining("unsupported type");
        for (int length : new int[] {100, 600, 1100, 1500}) {
            assertThatThrownBy(() -> read(java.util.Arrays.copyOf(archive, length)))
                    .as("cut at %d", length)
                    .isInstanceOf(ArchiveFormatException.class);
        }
    }

    @Test
    void expandsEveryKindOfSparseFile() throws IOException {
        byte[] expected = new byte[3000];
        java.util.Arrays.fill(expected, 1000, 1100, (byte) 'x');
        java.util.Arrays.fill(expected, 2900, 3000, (byte) 'y');
        byte[] stored = RawTar.ascii("x".repeat(100) + "y".repeat(100));
        byte[] gnu = new RawTar()
                .entry(
                        'S',
                        "f",
                        "",
                        stored,
                        257,
                        "ustar  \0",
                        386,
                        "00000001750\00000000144\00000005524\0" + "00000000144\0",
                        386,
                        String.format("%011o\0%011o\0%011o\0%011o\0", 1000, 100, 2900, 100),
                        483,
                        String.format("%011o\0", 3000))
                .end();
        byte[] pax00 = new RawTar()
                .pax(
                        "GNU.sparse.size",
                        "3000",
                        "GNU.sparse.numblocks",
                        "2",
                        "GNU.sparse.offset",
                        "1000",
                        "GNU.sparse.numbytes",
                        "100",
                        "GNU.sparse.offset",
                        "2900",
                        "GNU.sparse.numbytes",
                        "100")
                .entry('0', "f", "", stored)
                .end();
        byte[] pax01 = new RawTar()
                .pax("GNU.sparse.size", "3000", "GNU.sparse.map", "1000,100,2900,100", "GNU.sparse.name", "f")
                .entry('0', "GNUSparseFile/f", "", stored)
                .end();
        byte[] map = java.util.Arrays.copyOf(RawTar.ascii("2\n1000\n100\n2900\n100\n"), 512 + 200);
        System.arraycopy(stored, 0, map, 512, 200);
        byte[] pax10 = new RawTar()
                .pax(
                        "GNU.sparse.major",
                        "1",
                        "GNU.sparse.minor",
                        "0",
                        "GNU.sparse.name",
                        "f",
                        "GNU.sparse.realsize",
                        "3000")
                .entry('0', "GNUSparseFile/f", "", map)
                .end();
        for (byte[] archive : List.of(gnu, pax00, pax01, pax10)) {
            Read file = read(archive).getFirst();
            assertThat(file.entry().name()).isEqualTo("f");
            assertThat(file.entry().size()).isEqualTo(3000);
            assertThat(file.bytes()).isEqualTo(asList(expected));
        }
    }

    @Test
    void boundsSparseMaps() {
        byte[] tooMany = new RawTar()
                .pax("GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.realsize", "3000")
                .entry('0', "f", "", java.util.Arrays.copyOf(RawTar.ascii("1000000000\n0\n0\n"), 512))
                .end();
        assertThatThrownBy(() -> read(tooMany)).hasMessageContaining("pieces");
        byte[] overlapping = new RawTar()
                .pax("GNU.sparse.size", "300", "GNU.sparse.map", "100,100,50,10")
                .entry('0', "f", "", new byte[110])
                .end();
        assertThatThrownBy(() -> read(overlapping)).hasMessageContaining("sparse map");
        byte[] beyond = new RawTar()
                .pax("GNU.sparse.size", "300", "GNU.sparse.map", "9223372036854775807,100")
                .entry('0', "f", "", new byte[100])
                .end();
        assertThatThrownBy(() -> read(beyond)).hasMessageContaining("sparse map");
    }
}
