package io.berth.linux;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;

/**
 * File names as strings, without loss.
 *
 * <p>Linux file names are bytes, nearly always UTF-8. Well-formed UTF-8 decodes as such; every byte that is not part of
 * a well-formed sequence becomes one lone low surrogate U+DC80 to U+DCFF (the byte plus U+DC00), which no well-formed
 * UTF-8 decodes to. So decoding and encoding again gives the same bytes for every name; the scheme is that of Python's
 * {@code surrogateescape} (PEP 383). Show such a name to people through {@link #printable}.
 */
public final class FileNameCodec {
    private static final char ESCAPE = 0xDC00;

    private FileNameCodec() {}

    /** Decodes bytes to a name. */
    public static String decode(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }

    /** Decodes a range of bytes to a name. */
    public static String decode(byte[] bytes, int offset, int length) {
        String text = new String(bytes, offset, length, StandardCharsets.UTF_8);
        // A replacement character is either malformed input or itself in the input: only then look closer.
        return text.indexOf('\uFFFD') < 0 ? text : decodeEscaping(bytes, offset, length);
    }

    private static String decodeEscaping(byte[] bytes, int offset, int length) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
        CharBuffer out = CharBuffer.allocate(length);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (result.isUnderflow()) {
                return out.flip().toString();
            }
            for (int i = result.length(); i > 0; i--) {
                out.put((char) (ESCAPE + (in.get() & 0xFF)));
            }
            decoder.reset();
        }
    }

    /**
     * Encodes a name to its bytes, without a terminating NUL.
     *
     * @throws InvalidPathException when it has a NUL, or a lone surrogate that {@link #decode} cannot have made
     */
    public static byte[] encode(String name) {
        int length = name.length();
        for (int i = 0; i < length; i++) {
            char c = name.charAt(i);
            if (c == 0) {
                throw new InvalidPathException(printable(name), "has a NUL character", i);
            }
            if (Character.isSurrogate(c)) {
                return encodeEscaping(name);
            }
        }
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] encodeEscaping(String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(name.length() + 16);
        int i = 0;
        while (i < name.length()) {
            int codePoint = name.codePointAt(i);
            if (codePoint == 0) {
                throw new InvalidPathException(printable(name), "has a NUL character", i);
            }
            if (codePoint >= 0xDC80 && codePoint <= 0xDCFF) {
                out.write(codePoint - ESCAPE);
            } else if (codePoint >= 0xD800 && codePoint <= 0xDFFF) {
                throw new InvalidPathException(printable(name), "has a lone surrogate", i);
            } else {
                out.writeBytes(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
            }
            i += Character.charCount(codePoint);
        }
        return out.toByteArray();
    }

    /** The name for messages: control characters and escaped bytes as {@code \x1b}, cut after 200 characters. */
    public static String printable(String name) {
        StringBuilder text = new StringBuilder(name.length());
        for (int i = 0; i < name.length() && i < 200; i++) {
            char c = name.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < name.length()
                    && Character.isLowSurrogate(name.charAt(i + 1));
            if (pair) {
                text.append(c).append(name.charAt(++i));
            } else if (c < 0x20 || c == 0x7F || Character.isSurrogate(c)) {
                text.append(String.format(java.util.Locale.ROOT, "\\x%02x", c & 0xFF));
            } else {
                text.append(c);
            }
        }
        return name.length() > 200 ? text.append('…').toString() : text.toString();
    }
}
