package io.berth.archive;

import io.berth.linux.FileNameCodec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One 512-byte header block and its fields (POSIX pax "ustar Interchange Format"; GNU tar manual, "Basic Tar Format"). */
final class TarHeader {
    static final int BLOCK = 512;

    private static final int CHECKSUM = 148;
    private static final byte[] USTAR = "ustar\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] GNU = "ustar  \0".getBytes(StandardCharsets.US_ASCII);

    private final byte[] block;

    /**
     * @throws ArchiveFormatException when the checksum is wrong
     */
    TarHeader(byte[] block) throws ArchiveFormatException {
        this.block = block;
        long stored = number(CHECKSUM, 8);
        long unsigned = 0;
        long signed = 0; // what some old implementations computed
        for (int i = 0; i < BLOCK; i++) {
            byte b = i >= CHECKSUM && i < CHECKSUM + 8 ? (byte) ' ' : block[i];
            unsigned += b & 0xFF;
            signed += b;
        }
        if (stored != unsigned && stored != signed) {
            throw new ArchiveFormatException("invalid tar header: wrong checksum");
        }
    }

    static boolean isZero(byte[] block) {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    char typeFlag() {
        return (char) (block[156] & 0xFF);
    }

    String name() {
        String name = string(0, 100);
        if (matches(257, USTAR)) {
            String prefix = string(345, 155);
            return prefix.isEmpty() ? name : prefix + "/" + name;
        }
        return name;
    }

    String linkName() {
        return string(157, 100);
    }

    long mode() throws ArchiveFormatException {
        return number(100, 8);
    }

    long uid() throws ArchiveFormatException {
        return number(108, 8);
    }

    long gid() throws ArchiveFormatException {
        return number(116, 8);
    }

    long size() throws ArchiveFormatException {
        return number(124, 12);
    }

    long modifiedSeconds() throws ArchiveFormatException {
        return number(136, 12);
    }

    long deviceMajor() throws ArchiveFormatException {
        return hasDevice() ? number(329, 8) : 0;
    }

    long deviceMinor() throws ArchiveFormatException {
        return hasDevice() ? number(337, 8) : 0;
    }

    private boolean hasDevice() {
        return matches(257, USTAR) || matches(257, GNU);
    }

    boolean isGnu() {
        return matches(257, GNU);
    }

    private boolean matches(int offset, byte[] text) {
        return Arrays.equals(block, offset, offset + text.length, text, 0, text.length);
    }

    private String string(int offset, int length) {
        int end = offset;
        while (end < offset + length && block[end] != 0) {
            end++;
        }
        return FileNameCodec.decode(block, offset, end - offset);
    }

    /** A numeric field: octal text, or base-256 when the first bit is set (negative when the first byte is 0xFF). */
    long number(int offset, int length) throws ArchiveFormatException {
        return number(block, offset, length);
    }

    static long number(byte[] block, int offset, int length) throws ArchiveFormatException {
        if ((block[offset] & 0x80) != 0) {
            return base256(block, offset, length);
        }
        long value = 0;
        int i = offset;
        int end = offset + length;
        while (i < end && (block[i] == ' ' || block[i] == 0)) {
            i++;
        }
        for (; i < end && block[i] != 0 && block[i] != ' '; i++) {
            if (block[i] < '0' || block[i] > '7') {
                throw new ArchiveFormatException("invalid tar header: not an octal number");
            }
            value = (value << 3) | (block[i] - '0'); // at most 12 digits: 36 bits
        }
        return value;
    }

    private static long base256(byte[] block, int offset, int length) throws ArchiveFormatException {
        boolean negative = (block[offset] & 0x40) != 0;
        byte fill = (byte) (negative ? 0xFF : 0);
        long value = negative ? -1 : 0;
        for (int i = 0; i < length; i++) {
            byte b = block[offset + i];
            if (i == 0) {
                b = negative ? b : (byte) (b & 0x7F);
            }
            if (i < length - 8 && b != fill) {
                throw new ArchiveFormatException("invalid tar header: number out of range");
            }
            if (i == length - 8 && (b < 0) != negative) {
                throw new ArchiveFormatException("invalid tar header: number out of range");
            }
            value = (value << 8) | (b & 0xFF);
        }
        return value;
    }
}
