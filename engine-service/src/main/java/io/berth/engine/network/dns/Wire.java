package io.berth.engine.network.dns;

import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * Where things are in a message, and how names are read (RFC 1035 section 4). Big-endian; offsets are absolute in the buffer,
 * which begins with the message's id and ends, at its limit, with the message. Pure functions.
 */
final class Wire {
    /** Bytes of the header: id, flags, and four counts of two bytes each. */
    static final int HEADER = 12;

    static final int FLAGS_AT = 2;
    static final int QUESTIONS_AT = 4;
    static final int ANSWERS_AT = 6;
    static final int AUTHORITIES_AT = 8;
    static final int ADDITIONALS_AT = 10;

    /** Flags: this is a response; the kind of query; truncated; recursion desired and available; checking disabled; code. */
    static final int QR = 0x8000;

    static final int OPCODE = 0x7800;
    static final int TC = 0x0200;
    static final int RD = 0x0100;
    static final int RA = 0x0080;
    static final int CD = 0x0010;
    static final int RCODE = 0x000f;

    static final int TYPE_A = 1;
    static final int TYPE_PTR = 12;
    static final int TYPE_AAAA = 28;
    static final int TYPE_OPT = 41;
    static final int CLASS_IN = 1;

    static final int MOST_LABEL = 63;
    /** Bytes of a name with its lengths, the root's included. */
    static final int MOST_NAME = 255;
    /** Of any message. */
    static final int MOST_MESSAGE = 65_535;
    /** By UDP in IPv4, whose packets hold 65535 bytes with their headers. */
    static final int MOST_UDP = MOST_MESSAGE - 28;
    /** By UDP to a client that says nothing else. */
    static final int LEAST_UDP = 512;

    /** A name's end could not be found: it is malformed. */
    static final int NOWHERE = -1;

    private static final int POINTER = 0xc0;

    private Wire() {}

    static int u8(ByteBuffer message, int at) {
        return Byte.toUnsignedInt(message.get(at));
    }

    static int u16(ByteBuffer message, int at) {
        return Short.toUnsignedInt(message.getShort(at));
    }

    /**
     * Finds the end of a name that is written out, as the first of a message is: there is nothing before it to point at.
     *
     * @return the offset after it, or NOWHERE
     */
    static int endOfPlainName(ByteBuffer message, int from) {
        int at = from;
        while (at < message.limit()) {
            int length = u8(message, at);
            if (length == 0) {
                return at + 1 - from <= MOST_NAME ? at + 1 : NOWHERE;
            }
            if (length > MOST_LABEL) {
                return NOWHERE;
            }
            at += 1 + length;
        }
        return NOWHERE;
    }

    /**
     * Finds the end of a name that may end in a pointer. Pointers are not followed, so that none can lead in a circle.
     *
     * @return the offset after it, or NOWHERE
     */
    static int endOfName(ByteBuffer message, int from) {
        int at = from;
        while (at < message.limit() && at - from < MOST_NAME) {
            int length = u8(message, at);
            if (length == 0) {
                return at + 1;
            }
            if (length >= POINTER) {
                return at + 2 <= message.limit() ? at + 2 : NOWHERE;
            }
            if (length > MOST_LABEL) {
                return NOWHERE;
            }
            at += 1 + length;
        }
        return NOWHERE;
    }

    /**
     * The text of a name whose end has been found by {@link #endOfPlainName}.
     *
     * @return ASCII letters lower-cased, labels parted by dots, no dot at the end: {@code web.backend}, empty for the root. Other
     *     bytes than {@code !} to {@code ~}, dots in labels and backslashes are escaped as {@code \DDD} (RFC 4343 section 2.1), so
     *     that a label {@code a.b} is not taken for two
     */
    static String name(ByteBuffer message, int from) {
        var text = new StringBuilder(64);
        int at = from;
        for (int length = u8(message, at); length != 0; length = u8(message, at)) {
            if (at != from) {
                text.append('.');
            }
            for (int end = at + length; at < end; ) {
                append(text, u8(message, ++at));
            }
            at++;
        }
        return text.toString();
    }

    private static void append(StringBuilder text, int octet) {
        if (octet >= 'A' && octet <= 'Z') {
            text.append((char) (octet - 'A' + 'a'));
        } else if (octet > ' ' && octet < 0x7f && octet != '.' && octet != '\\') {
            text.append((char) octet);
        } else {
            text.append(String.format(Locale.ROOT, "\\%03d", octet));
        }
    }

    /** Whether two stretches are the same but for the case of ASCII letters (RFC 4343). */
    static boolean same(ByteBuffer one, ByteBuffer other, int from, int to) {
        if (one.limit() < to || other.limit() < to) {
            return false;
        }
        for (int at = from; at < to; at++) {
            if (lowerCase(one.get(at)) != lowerCase(other.get(at))) {
                return false;
            }
        }
        return true;
    }

    private static int lowerCase(byte octet) {
        return octet >= 'A' && octet <= 'Z' ? octet - 'A' + 'a' : octet;
    }
}
