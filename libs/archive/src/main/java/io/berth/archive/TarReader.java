package io.berth.archive;

import io.berth.linux.FileNameCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar archive as a stream: ustar, pax extended headers, GNU long names, GNU and pax sparse files, base-256
 * numbers, {@code SCHILY.xattr} attributes.
 *
 * <p>Where formats leave room it decides as Go's archive/tar does, since that is what made and reads container layers: a
 * pax global header is checked and not applied; links, directories, devices and FIFOs have no content whatever their
 * header says; a GNU long name wins over a pax path. What it says is not checked for safety: that is the extractor's
 * part. Memory is bounded: 1 MiB for each kind of extension header. Used by one thread.
 */
public final class TarReader {
    private static final int BLOCK = TarHeader.BLOCK;
    private static final int MAX_EXTENSION_BYTES = 1024 * 1024;

    private final InputStream in;
    private final Content content = new Content();
    private InputStream current = InputStream.nullInputStream();
    private long remaining;
    private int padding;

    public TarReader(InputStream in) {
        this.in = in;
    }

    /**
     * Skips what is left of the current entry and reads the next header.
     *
     * @return nothing at the end of the archive; bytes after it are left unread
     * @throws ArchiveFormatException when the archive is malformed or ends inside an entry
     */
    public Optional<TarEntry> next() throws IOException {
        PaxRecords pax = PaxRecords.NONE;
        @Nullable String longName = null;
        @Nullable String longLink = null;
        while (true) {
            skipContent();
            byte[] block = readBlockOrEnd();
            if (block.length == 0 || TarHeader.isZero(block)) {
                return Optional.empty();
            }
            TarHeader header = new TarHeader(block);
            switch (header.typeFlag()) {
                case 'x' -> pax = PaxRecords.parse(readExtension(header));
                case 'g' -> PaxRecords.parse(readExtension(header));
                case 'L' -> longName = cString(readExtension(header));
                case 'K' -> longLink = cString(readExtension(header));
                default -> {
                    return Optional.of(entry(header, block, pax, longName, longLink));
                }
            }
        }
    }

    /** The content of the current entry; valid until the next call of {@link #next()}. Closing it does nothing. */
    public InputStream content() {
        return current;
    }

    private TarEntry entry(
            TarHeader header, byte[] block, PaxRecords pax, @Nullable String longName, @Nullable String longLink)
            throws IOException {
        String name = longName != null ? longName : orElse(pax.get("path"), header.name());
        String linkName = longLink != null ? longLink : orElse(pax.get("linkpath"), header.linkName());
        TarType type = type(header.typeFlag(), name);
        boolean device = type == TarType.CHARACTER_DEVICE || type == TarType.BLOCK_DEVICE;
        boolean link = type == TarType.HARD_LINK || type == TarType.SYMBOLIC_LINK;
        long size = 0;
        current = InputStream.nullInputStream();
        if (type == TarType.FILE) {
            size = openContent(header, block, pax);
            name = orElse(pax.get("GNU.sparse.name"), name);
        }
        return new TarEntry(
                name,
                link ? linkName : "",
                type,
                (int) header.mode() & 0_7777,
                id(pax.number("uid", header.uid()), "uid"),
                id(pax.number("gid", header.gid()), "gid"),
                size,
                modified(header, pax),
                device ? deviceNumber(header.deviceMajor(), 0xFFF) : 0,
                device ? deviceNumber(header.deviceMinor(), 0xFFFFF) : 0,
                pax.xattrs());
    }

    private static Instant modified(TarHeader header, PaxRecords pax) throws ArchiveFormatException {
        return pax.time("mtime", header.modifiedSeconds());
    }

    private static String orElse(@Nullable String value, String fallback) {
        return value == null ? fallback : value;
    }

    private static TarType type(char flag, String name) throws ArchiveFormatException {
        return switch (flag) {
            case '\0' -> name.endsWith("/") ? TarType.DIRECTORY : TarType.FILE; // before POSIX
            case '0', '7', 'S' -> TarType.FILE;
            case '1' -> TarType.HARD_LINK;
            case '2' -> TarType.SYMBOLIC_LINK;
            case '3' -> TarType.CHARACTER_DEVICE;
            case '4' -> TarType.BLOCK_DEVICE;
            case '5' -> TarType.DIRECTORY;
            case '6' -> TarType.FIFO;
            default ->
                throw new ArchiveFormatException(
                        "unsupported type of archive entry: " + FileNameCodec.printable(String.valueOf(flag)));
        };
    }

    private static long id(long value, String what) throws ArchiveFormatException {
        // 2^32 would wrap to 0, which is root; 2^32-1 means «leave as it is».
        if (value < 0 || value > TarEntry.MAX_ID) {
            throw new ArchiveFormatException("invalid tar header: " + what + " out of range: " + value);
        }
        return value;
    }

    private static int deviceNumber(long value, int max) throws ArchiveFormatException {
        if (value < 0 || value > max) {
            throw new ArchiveFormatException("invalid tar header: device number out of range: " + value);
        }
        return (int) value;
    }

    private long openContent(TarHeader header, byte[] block, PaxRecords pax) throws IOException {
        long stored = pax.number("size", header.size());
        startContent(stored);
        current = content;
        SparseMap map = sparseMap(header, block, pax, stored);
        if (map == null) {
            return stored;
        }
        if (map.storedSize() != remaining) {
            throw SparseMap.bad();
        }
        current = new SparseInputStream(map, content);
        return map.realSize();
    }

    private void startContent(long stored) throws ArchiveFormatException {
        if (stored < 0) {
            throw new ArchiveFormatException("invalid tar header: negative size");
        }
        remaining = stored;
        padding = (int) (-stored & (BLOCK - 1));
    }

    private @Nullable SparseMap sparseMap(TarHeader header, byte[] block, PaxRecords pax, long stored)
            throws IOException {
        if (header.typeFlag() == 'S') {
            if (!header.isGnu()) {
                throw SparseMap.bad();
            }
            return gnuSparseMap(block);
        }
        if ("1".equals(pax.get("GNU.sparse.major")) && "0".equals(pax.get("GNU.sparse.minor"))) {
            return sparseMapInContent(pax.number("GNU.sparse.realsize", -1));
        }
        String map = pax.sparseMap();
        return map == null ? null : SparseMap.parse(map, pax.number("GNU.sparse.size", stored));
    }

    /** Old GNU: four pieces in the header, 21 in each block that follows it. */
    private SparseMap gnuSparseMap(byte[] header) throws IOException {
        // The extension blocks lie between header and content and are not counted in the size.
        SparseMap map = new SparseMap(TarHeader.number(header, 483, 12));
        boolean extended = addPieces(map, header, 386, 4, 482);
        while (extended) {
            extended = addPieces(map, readBlock(), 0, 21, 504);
        }
        return map;
    }

    private static boolean addPieces(SparseMap map, byte[] block, int at, int pieces, int extendedFlag)
            throws ArchiveFormatException {
        for (int i = 0; i < pieces; i++) {
            int offset = at + 24 * i;
            if (block[offset] == 0) {
                break;
            }
            map.add(TarHeader.number(block, offset, 12), TarHeader.number(block, offset + 12, 12));
        }
        return block[extendedFlag] != 0;
    }

    /** Pax 1.0: the map is decimal lines at the start of the content, filled up to whole blocks. */
    private SparseMap sparseMapInContent(long realSize) throws IOException {
        SparseMap map = new SparseMap(realSize);
        LineReader lines = new LineReader();
        long pieces = lines.nextNumber();
        if (pieces > SparseMap.MAX_PIECES) {
            throw new ArchiveFormatException("sparse file with more than " + SparseMap.MAX_PIECES + " pieces");
        }
        for (long i = 0; i < pieces; i++) {
            map.add(lines.nextNumber(), lines.nextNumber());
        }
        return map;
    }

    private final class LineReader {
        private byte[] block = new byte[0];
        private int at;

        long nextNumber() throws IOException {
            StringBuilder digits = new StringBuilder();
            while (true) {
                if (at == block.length) {
                    block = content.readNBytes(BLOCK);
                    at = 0;
                    if (block.length < BLOCK) {
                        throw SparseMap.bad();
                    }
                }
                char c = (char) (block[at++] & 0xFF);
                if (c == '\n') {
                    return digits.isEmpty() ? fail() : PaxRecords.parseNumber(digits.toString());
                }
                if (digits.length() > 20) {
                    return fail();
                }
                digits.append(c);
            }
        }

        private long fail() throws ArchiveFormatException {
            throw SparseMap.bad();
        }
    }

    private byte[] readExtension(TarHeader header) throws IOException {
        long size = header.size();
        if (size < 0 || size > MAX_EXTENSION_BYTES) {
            throw new ArchiveFormatException("invalid tar header: extension of " + size + " bytes");
        }
        startContent(size);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        content.transferTo(bytes);
        return bytes.toByteArray();
    }

    private static String cString(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return FileNameCodec.decode(bytes, 0, end);
    }

    private void skipContent() throws IOException {
        byte[] sink = remaining > 0 ? new byte[(int) Math.min(remaining, 64 * 1024)] : new byte[0];
        while (remaining > 0) {
            if (content.read(sink, 0, sink.length) < 0) {
                throw truncated();
            }
        }
        if (padding > 0) {
            if (in.readNBytes(padding).length < padding) {
                throw truncated();
            }
            padding = 0;
        }
    }

    private byte[] readBlock() throws IOException {
        byte[] block = in.readNBytes(BLOCK);
        if (block.length < BLOCK) {
            throw truncated();
        }
        return block;
    }

    private byte[] readBlockOrEnd() throws IOException {
        byte[] block = in.readNBytes(BLOCK);
        if (block.length > 0 && block.length < BLOCK) {
            throw truncated();
        }
        return block;
    }

    private static ArchiveFormatException truncated() {
        return new ArchiveFormatException("unexpected EOF");
    }

    /** The stored bytes of the current entry. */
    private final class Content extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (remaining == 0) {
                return -1;
            }
            int count = in.read(target, offset, (int) Math.min(length, remaining));
            if (count < 0) {
                throw truncated();
            }
            remaining -= count;
            return count;
        }
    }
}
