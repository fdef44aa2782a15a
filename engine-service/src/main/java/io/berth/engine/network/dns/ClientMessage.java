package io.berth.engine.network.dns;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What a client sent, as far as the server needs to know it (RFC 1035 section 4, RFC 6891 section 6). Immutable. */
sealed interface ClientMessage {
    /**
     * A query with one question.
     *
     * @param flags of the header
     * @param name lower-cased, without a dot at the end: see {@link Wire#name}
     * @param type of the records asked for
     * @param recordClass nearly always IN
     * @param end offset after the question, which begins after the header
     */
    record Query(
            int id,
            int flags,
            String name,
            int type,
            int recordClass,
            int end,
            @Nullable Edns edns) implements ClientMessage {

        /** Bytes that the client takes in a datagram. */
        int datagramLimit() {
            return edns == null ? Wire.LEAST_UDP : Math.clamp(edns.datagramLimit(), Wire.LEAST_UDP, Wire.MOST_UDP);
        }

        /** Whether the name has no domain: {@code web}. */
        boolean isSingleLabel() {
            return name.indexOf('.') < 0;
        }

        boolean isForAddresses() {
            return recordClass == Wire.CLASS_IN && (type == Wire.TYPE_A || type == Wire.TYPE_AAAA);
        }

        boolean isForPointer() {
            return recordClass == Wire.CLASS_IN && type == Wire.TYPE_PTR;
        }
    }

    /** A message that gets nothing but an error. */
    record Rejected(int id, int flags, Rcode rcode) implements ClientMessage {}

    /** A message that gets no answer: too short to have an id, or itself an answer, which answers could make circle. */
    record Ignored() implements ClientMessage {
        private static final Ignored INSTANCE = new Ignored();
    }

    /**
     * What an OPT record says.
     *
     * @param datagramLimit bytes that the client takes in a datagram
     * @param wantsSecurity the DO bit, which answers repeat (RFC 3225)
     */
    record Edns(int datagramLimit, int version, boolean wantsSecurity) {}

    /**
     * Reads a message, whatever it holds. The work is bounded by the message's length: no pointer is followed.
     *
     * @param message from 0 to its limit; its position does not matter and stays
     */
    static ClientMessage parse(ByteBuffer message) {
        if (message.limit() < Wire.HEADER) {
            return Ignored.INSTANCE;
        }
        int id = Wire.u16(message, 0);
        int flags = Wire.u16(message, Wire.FLAGS_AT);
        if ((flags & Wire.QR) != 0) {
            return Ignored.INSTANCE;
        }
        if ((flags & Wire.OPCODE) != 0) {
            return new Rejected(id, flags, Rcode.NOT_IMPLEMENTED);
        }
        int end = Wire.endOfPlainName(message, Wire.HEADER);
        if (Wire.u16(message, Wire.QUESTIONS_AT) != 1 || end == Wire.NOWHERE || end + 4 > message.limit()) {
            return new Rejected(id, flags, Rcode.FORMAT_ERROR);
        }
        var options = new OptionSearch(message, end + 4);
        if (!options.wellFormed) {
            return new Rejected(id, flags, Rcode.FORMAT_ERROR);
        }
        return new Query(
                id,
                flags,
                Wire.name(message, Wire.HEADER),
                Wire.u16(message, end),
                Wire.u16(message, end + 2),
                end + 4,
                options.found);
    }

    /** Goes through the records after the question for the OPT record, of which there is at most one. */
    final class OptionSearch {
        /** Bytes of a record after its name and before its data: type, class, TTL, length. */
        private static final int FIXED = 10;

        private static final int DO = 0x8000;

        private final ByteBuffer message;
        private int at;
        private @Nullable Edns found;
        private final boolean wellFormed;

        private OptionSearch(ByteBuffer message, int from) {
            this.message = message;
            this.at = from;
            this.wellFormed = skip(Wire.u16(message, Wire.ANSWERS_AT) + Wire.u16(message, Wire.AUTHORITIES_AT))
                    && search(Wire.u16(message, Wire.ADDITIONALS_AT));
        }

        private boolean skip(int records) {
            for (int i = 0; i < records; i++) {
                if (next() == Wire.NOWHERE) {
                    return false;
                }
            }
            return true;
        }

        private boolean search(int records) {
            for (int i = 0; i < records; i++) {
                int name = at;
                int fixed = next();
                if (fixed == Wire.NOWHERE) {
                    return false;
                }
                if (Wire.u16(message, fixed) == Wire.TYPE_OPT) {
                    if (found != null || fixed != name + 1) {
                        return false;
                    }
                    found = new Edns(
                            Wire.u16(message, fixed + 2),
                            Wire.u8(message, fixed + 5),
                            (Wire.u16(message, fixed + 6) & DO) != 0);
                }
            }
            return true;
        }

        /** Goes past a record; returns where its type is, or NOWHERE. */
        private int next() {
            int fixed = Wire.endOfName(message, at);
            if (fixed == Wire.NOWHERE || fixed + FIXED > message.limit()) {
                return Wire.NOWHERE;
            }
            at = fixed + FIXED + Wire.u16(message, fixed + FIXED - 2);
            return at <= message.limit() ? fixed : Wire.NOWHERE;
        }
    }
}
