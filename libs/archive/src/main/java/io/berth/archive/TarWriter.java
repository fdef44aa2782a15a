package io.berth.archive;

import io.berth.linux.FileNameCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Writes a tar archive as a stream: ustar, with a pax extended header for what ustar cannot say. The same entries always
 * give the same bytes. Used by one thread; {@link #close} ends the archive and leaves the stream below open.
 */
public final class TarWriter implements AutoCloseable {
    private static final int BLOCK = TarHeader.BLOCK;
    private static final int MAX_NAME = 100;
    private static final long MAX_OCTAL_7 = 0_7777777L;
    private static final long MAX_OCTAL_11 = 0_77777777777L;

    private final OutputStream out;
    private long missing;

    public TarWriter(OutputStream out) {
        this.out = out;
    }

    /** Writes an entry without content. */
    public void write(TarEntry entry) throws IOException {
        write(entry, InputStream.nullInputStream());
    }

    /**
     * Writes an entry.
     *
     * @param content exactly as many bytes as the entry says; not closed
     * @throws IOException also when the content is shorter: then the archive cannot be finished
     */
    public void write(TarEntry entry, InputStream content) throws IOException {
        byte[] pax = pax(entry);
        if (pax.length > 0) {
            out.write(header(paxName(entry.name()), "", 'x', 0_644, 0, 0, pax.length, 0, 0, 0));
            out.write(pax);
            pad(pax.length);
        }
        byte[] name = FileNameCodec.encode(entry.name());
        byte[] link = FileNameCodec.encode(entry.linkName());
        out.write(header(
                new String(name, 0, Math.min(name.length, MAX_NAME), StandardCharsets.ISO_8859_1),
                new String(link, 0, Math.min(link.length, MAX_NAME), StandardCharsets.ISO_8859_1),
                entry.type().flag(),
                entry.mode(),
                entry.uid() > MAX_OCTAL_7 ? 0 : entry.uid(),
                entry.gid() > MAX_OCTAL_7 ? 0 : entry.gid(),
                entry.size() > MAX_OCTAL_11 ? 0 : entry.size(),
                fitsSeconds(entry.modified()) ? entry.modified().getEpochSecond() : 0,
                entry.deviceMajor(),
                entry.deviceMinor()));
        missing = entry.size();
        byte[] buffer = new byte[(int) Math.min(64 * 1024, Math.max(missing, 1))];
        while (missing > 0) {
            int count = content.read(buffer, 0, (int) Math.min(buffer.length, missing));
            if (count < 0) {
                throw new IOException("content of " + FileNameCodec.printable(entry.name()) + " is shorter than "
                        + entry.size() + " bytes");
            }
            out.write(buffer, 0, count);
            missing -= count;
        }
        pad(entry.size());
    }

    private static String paxName(String name) {
        String last = name.replaceAll("/+$", "");
        last = last.substring(last.lastIndexOf('/') + 1);
        return "PaxHeaders.0/" + (last.matches("[\\x21-\\x7e]{1,80}") ? last : "entry");
    }

    private static boolean fitsSeconds(Instant time) {
        return time.getEpochSecond() >= 0 && time.getEpochSecond() <= MAX_OCTAL_11;
    }

    private static byte[] pax(TarEntry entry) {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        byte[] name = FileNameCodec.encode(entry.name());
        byte[] link = FileNameCodec.encode(entry.linkName());
        if (name.length > MAX_NAME || !isAscii(name)) {
            records.writeBytes(PaxRecords.record("path", name));
        }
        if (link.length > MAX_NAME || !isAscii(link)) {
            records.writeBytes(PaxRecords.record("linkpath", link));
        }
        if (entry.size() > MAX_OCTAL_11) {
            records.writeBytes(number("size", entry.size()));
        }
        if (entry.uid() > MAX_OCTAL_7) {
            records.writeBytes(number("uid", entry.uid()));
        }
        if (entry.gid() > MAX_OCTAL_7) {
            records.writeBytes(number("gid", entry.gid()));
        }
        Instant modified = entry.modified();
        if (!modified.equals(modified.truncatedTo(ChronoUnit.SECONDS)) || !fitsSeconds(modified)) {
            records.writeBytes(PaxRecords.record("mtime", ascii(decimal(modified))));
        }
        entry.xattrs().forEach((key, value) -> {
            ByteBuffer copy = value.duplicate();
            byte[] bytes = new byte[copy.remaining()];
            copy.get(bytes);
            records.writeBytes(PaxRecords.record("SCHILY.xattr." + key, bytes));
        });
        return records.toByteArray();
    }

    private static byte[] number(String key, long value) {
        return PaxRecords.record(key, ascii(Long.toString(value)));
    }

    private static String decimal(Instant time) {
        BigDecimal seconds = BigDecimal.valueOf(time.getEpochSecond()).add(BigDecimal.valueOf(time.getNano(), 9));
        return seconds.stripTrailingZeros().toPlainString();
    }

    private static boolean isAscii(byte[] bytes) {
        for (byte b : bytes) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] header(
            String name,
            String link,
            char type,
            long mode,
            long uid,
            long gid,
            long size,
            long seconds,
            long major,
            long minor) {
        byte[] block = new byte[BLOCK];
        put(block, 0, name.getBytes(StandardCharsets.ISO_8859_1));
        octal(block, 100, 7, mode);
        octal(block, 108, 7, uid);
        octal(block, 116, 7, gid);
        octal(block, 124, 11, size);
        octal(block, 136, 11, seconds);
        put(block, 148, ascii("        "));
        block[156] = (byte) type;
        put(block, 157, link.getBytes(StandardCharsets.ISO_8859_1));
        put(block, 257, ascii("ustar\00000"));
        octal(block, 329, 7, major);
        octal(block, 337, 7, minor);
        int sum = 0;
        for (byte b : block) {
            sum += b & 0xFF;
        }
        octal(block, 148, 6, sum);
        block[154] = 0;
        return block;
    }

    private static void put(byte[] block, int offset, byte[] text) {
        System.arraycopy(text, 0, block, offset, text.length);
    }

    private static void octal(byte[] block, int offset, int digits, long value) {
        long rest = value;
        for (int i = digits - 1; i >= 0; i--) {
            block[offset + i] = (byte) ('0' + (rest & 7));
            rest >>>= 3;
        }
        block[offset + digits] = 0;
    }

    private void pad(long size) throws IOException {
        int padding = (int) (-size & (BLOCK - 1));
        out.write(new byte[padding]);
    }

    /** Ends the archive. Nothing is written after a failure inside an entry: the archive stays visibly cut off. */
    @Override
    public void close() throws IOException {
        if (missing == 0) {
            out.write(new byte[2 * BLOCK]);
            out.flush();
        }
    }
}
