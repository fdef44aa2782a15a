package io.berth.compat;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Reads tar archives entry by entry, without any code of the product that is tested. */
final class TarListing {
    private static final int BLOCK = 512;
    private static final String XATTR = "SCHILY.xattr.";

    private TarListing() {}

    /**
     * One entry.
     *
     * @param name without slashes at its ends and without {@code ./}; the root is empty
     * @param type the letter of its header
     * @param offset where its content begins in the archive, in bytes
     * @param xattrs its extended attributes, in hex, by name
     */
    record Entry(
            String name,
            char type,
            long mode,
            long uid,
            long gid,
            String link,
            long size,
            long offset,
            String device,
            Map<String, String> xattrs) {
        Entry {
            xattrs = Map.copyOf(xattrs);
        }

        String base() {
            return name.substring(name.lastIndexOf('/') + 1);
        }

        /** Ends with a slash, unless it is the root. */
        String parent() {
            return name.substring(0, name.lastIndexOf('/') + 1);
        }
    }

    /** Gets each entry; the content may be read, whole or in part. */
    @FunctionalInterface
    interface Visitor {
        void visit(Entry entry, InputStream content) throws IOException;
    }

    static void read(InputStream in, Visitor visitor) throws IOException {
        Map<String, byte[]> pax = new HashMap<>();
        long at = 0;
        byte[] header = new byte[BLOCK];
        while (in.readNBytes(header, 0, BLOCK) == BLOCK && header[0] != 0) {
            at += BLOCK;
            char type = header[156] == 0 ? '0' : (char) header[156];
            long size = pax.containsKey("size") ? Long.parseLong(text(pax.get("size"))) : number(header, 124, 12);
            Bounded content = new Bounded(in, size);
            if (type == 'x') {
                pax.putAll(records(content.readAllBytes()));
            } else if (type == 'L' || type == 'K') {
                pax.put(type == 'L' ? "path" : "linkpath", content.readAllBytes());
            } else if (type != 'g') {
                visitor.visit(entry(header, type, size, at, pax), content);
                pax.clear();
            }
            content.skipRest();
            long padding = (BLOCK - size % BLOCK) % BLOCK;
            in.skipNBytes(padding);
            at += size + padding;
        }
    }

    private static Entry entry(byte[] header, char type, long size, long at, Map<String, byte[]> pax) {
        String prefix = text(header, 345, 155);
        String name = text(header, 0, 100);
        byte[] path = pax.get("path");
        byte[] link = pax.get("linkpath");
        Map<String, String> xattrs = new TreeMap<>();
        pax.forEach((key, value) -> {
            if (key.startsWith(XATTR)) {
                xattrs.put(
                        key.substring(XATTR.length()), java.util.HexFormat.of().formatHex(value));
            }
        });
        return new Entry(
                trimmed(path != null ? text(path) : prefix.isEmpty() ? name : prefix + "/" + name),
                type,
                number(header, 100, 8) & 07777,
                owner(pax, "uid", number(header, 108, 8)),
                owner(pax, "gid", number(header, 116, 8)),
                link != null ? text(link) : text(header, 157, 100),
                size,
                at,
                number(header, 329, 8) + "," + number(header, 337, 8),
                xattrs);
    }

    private static long owner(Map<String, byte[]> pax, String key, long inHeader) {
        byte[] value = pax.get(key);
        return value == null ? inHeader : Long.parseLong(text(value));
    }

    private static Map<String, byte[]> records(byte[] content) {
        Map<String, byte[]> records = new HashMap<>();
        for (int at = 0; at < content.length; ) {
            int blank = at;
            while (content[blank] != ' ') {
                blank++;
            }
            int length = Integer.parseInt(text(content, at, blank - at));
            int equals = blank;
            while (content[equals] != '=') {
                equals++;
            }
            records.put(
                    text(content, blank + 1, equals - blank - 1),
                    java.util.Arrays.copyOfRange(content, equals + 1, at + length - 1));
            at += length;
        }
        return records;
    }

    private static long number(byte[] header, int from, int length) {
        if ((header[from] & 0x80) != 0) {
            long value = header[from] & 0x7f;
            for (int i = 1; i < length; i++) {
                value = (value << 8) | (header[from + i] & 0xff);
            }
            return value;
        }
        String digits = text(header, from, length).strip();
        return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    }

    private static String text(byte[] bytes) {
        return text(bytes, 0, bytes.length);
    }

    private static String text(byte[] bytes, int from, int length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = from; i < from + length && bytes[i] != 0; i++) {
            out.write(bytes[i]);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    static String trimmed(String path) {
        return path.replaceAll("^(\\./|/)+", "").replaceAll("/+$", "").replaceAll("^\\.$", "");
    }

    /** The content of one entry. */
    private static final class Bounded extends InputStream {
        private final InputStream in;
        private long left;

        Bounded(InputStream in, long left) {
            this.in = in;
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int read = in.read(into, offset, (int) Math.min(length, left));
            if (read < 0) {
                throw new EOFException("the archive ends within an entry");
            }
            left -= read;
            return read;
        }

        void skipRest() throws IOException {
            in.skipNBytes(left);
            left = 0;
        }
    }
}
