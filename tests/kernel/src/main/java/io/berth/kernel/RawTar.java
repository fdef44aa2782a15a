package io.berth.kernel;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Builds archives header by header, also ones that no decent writer makes. */
public final class RawTar {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** A header block with a right checksum; edit it before with {@code edits}: offset, bytes, offset, bytes, … */
    public RawTar entry(char type, String name, String link, byte[] content, Object... edits) {
        return header(type, name, link, content.length, edits).bytes(content);
    }

    public RawTar header(char type, String name, String link, long size, Object... edits) {
        byte[] block = new byte[512];
        put(block, 0, name);
        put(block, 100, "0000644\0");
        put(block, 108, "0000000\0");
        put(block, 116, "0000000\0");
        put(block, 124, String.format(java.util.Locale.ROOT, "%011o\0", size));
        put(block, 136, "00000000001\0");
        block[156] = (byte) type;
        put(block, 157, link);
        put(block, 257, "ustar\00000");
        for (int i = 0; i < edits.length; i += 2) {
            byte[] bytes = edits[i + 1] instanceof String text ? ascii(text) : (byte[]) edits[i + 1];
            System.arraycopy(bytes, 0, block, (int) edits[i], bytes.length);
        }
        put(block, 148, "        ");
        int sum = 0;
        for (byte b : block) {
            sum += b & 0xFF;
        }
        put(block, 148, String.format(java.util.Locale.ROOT, "%06o\0 ", sum));
        out.writeBytes(block);
        return this;
    }

    /** Content, filled up to a whole block. */
    public RawTar bytes(byte[] content) {
        out.writeBytes(Arrays.copyOf(content, (content.length + 511) / 512 * 512));
        return this;
    }

    public RawTar pax(String... keysAndValues) {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            records.writeBytes(paxRecord(keysAndValues[i] + "=" + keysAndValues[i + 1] + "\n"));
        }
        return entry('x', "PaxHeaders/x", "", records.toByteArray());
    }

    /** The length counts itself. */
    private static byte[] paxRecord(String text) {
        int length = text.length() + 2;
        while (length != (length + " ").length() + text.length()) {
            length = (length + " ").length() + text.length();
        }
        return ascii(length + " " + text);
    }

    public byte[] end() {
        out.writeBytes(new byte[1024]);
        return out.toByteArray();
    }

    public byte[] withoutEnd() {
        return out.toByteArray();
    }

    private static void put(byte[] block, int offset, String text) {
        byte[] bytes = ascii(text);
        System.arraycopy(bytes, 0, block, offset, bytes.length);
    }

    public static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    public static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
