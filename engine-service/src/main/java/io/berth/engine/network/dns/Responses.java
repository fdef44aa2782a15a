package io.berth.engine.network.dns;

import io.berth.engine.network.dns.ClientMessage.Query;
import io.berth.engine.network.dns.ClientMessage.Rejected;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Writes responses (RFC 1035 section 4.1). The question is repeated as the client wrote it, since clients may check the case of
 * its letters; answers point at it. A response to a query with an OPT record has one (RFC 6891 section 6.1.1). As dockerd's
 * they are not authoritative, and say that recursion is available unless they are failures.
 *
 * <p>Pure functions, but for the target: a buffer that is cleared first, and in the end is ready to be read from.
 */
final class Responses {
    /** Seconds; Docker's (moby: libnetwork/resolver.go, respTTL). */
    private static final int TTL = 600;

    private static final int POINTER_TO_QUESTION = 0xc000 | Wire.HEADER;
    private static final int OPT_SIZE = 11;
    private static final int OPT_DO = 0x8000;
    /** Bytes of a record before its data: pointer, type, class, TTL, length. */
    private static final int RECORD = 12;

    private Responses() {}

    /**
     * Answers with addresses, as many as fit; where not all do, the response says that it is truncated.
     *
     * @param message that the query was read from
     * @param addresses of the family that the query's type asks for
     * @param limit bytes of the whole response
     */
    static void addresses(Query query, ByteBuffer message, List<InetAddress> addresses, int limit, ByteBuffer target) {
        begin(query, message, Wire.RA, target);
        int answers = 0;
        for (InetAddress address : addresses) {
            byte[] data = address.getAddress();
            if (target.position() + RECORD + data.length > limit - optSize(query)) {
                truncate(target);
                break;
            }
            putRecord(query.type(), data, target);
            answers++;
        }
        target.putShort(Wire.ANSWERS_AT, (short) answers);
        end(query, Rcode.NO_ERROR, target);
    }

    /**
     * Answers with the name of an address; where it does not fit, the response says that it is truncated.
     *
     * @param name without a dot at the end
     * @param limit bytes of the whole response
     * @throws IllegalArgumentException when a label is empty or longer than 63 bytes, or all are longer than 255
     */
    static void pointer(Query query, ByteBuffer message, String name, int limit, ByteBuffer target) {
        byte[] data = encoded(name);
        begin(query, message, Wire.RA, target);
        if (target.position() + RECORD + data.length > limit - optSize(query)) {
            truncate(target);
        } else {
            putRecord(Wire.TYPE_PTR, data, target);
            target.putShort(Wire.ANSWERS_AT, (short) 1);
        }
        end(query, Rcode.NO_ERROR, target);
    }

    private static byte[] encoded(String name) {
        ByteBuffer encoded = ByteBuffer.allocate(Wire.MOST_NAME);
        for (String label : name.split("\\.", -1)) {
            byte[] bytes = label.getBytes(StandardCharsets.UTF_8);
            // The root's label, an empty one, needs a byte too.
            if (bytes.length == 0 || bytes.length > Wire.MOST_LABEL || bytes.length + 2 > encoded.remaining()) {
                throw new IllegalArgumentException("cannot be a name: " + name);
            }
            encoded.put((byte) bytes.length).put(bytes);
        }
        return Arrays.copyOf(encoded.array(), encoded.position() + 1);
    }

    /** Answers without a record: what is asked for is known, and there is none of that type. */
    static void empty(Query query, ByteBuffer message, ByteBuffer target) {
        begin(query, message, Wire.RA, target);
        end(query, Rcode.NO_ERROR, target);
    }

    /** Answers that something went wrong. */
    static void failure(Query query, ByteBuffer message, Rcode rcode, ByteBuffer target) {
        begin(query, message, 0, target);
        end(query, rcode, target);
    }

    /** Answers to what could not be read as a query: with a header alone. */
    static void rejection(Rejected rejected, ByteBuffer target) {
        header(rejected.id(), rejected.flags(), rejected.rcode().lowBits(), target);
        target.flip();
    }

    private static void begin(Query query, ByteBuffer message, int flags, ByteBuffer target) {
        header(query.id(), query.flags(), flags, target);
        target.putShort(Wire.QUESTIONS_AT, (short) 1);
        target.put(Wire.HEADER, message, Wire.HEADER, query.end() - Wire.HEADER).position(query.end());
    }

    private static void header(int id, int queryFlags, int flags, ByteBuffer target) {
        int copied = queryFlags & (Wire.OPCODE | Wire.RD | Wire.CD);
        target.clear().putShort((short) id).putShort((short) (Wire.QR | copied | flags));
        target.putLong(0);
    }

    private static void putRecord(int type, byte[] data, ByteBuffer target) {
        target.putShort((short) POINTER_TO_QUESTION)
                .putShort((short) type)
                .putShort((short) Wire.CLASS_IN)
                .putInt(TTL)
                .putShort((short) data.length)
                .put(data);
    }

    private static void truncate(ByteBuffer target) {
        target.putShort(Wire.FLAGS_AT, (short) (target.getShort(Wire.FLAGS_AT) | Wire.TC));
    }

    private static int optSize(Query query) {
        return query.edns() == null ? 0 : OPT_SIZE;
    }

    private static void end(Query query, Rcode rcode, ByteBuffer target) {
        target.putShort(Wire.FLAGS_AT, (short) (target.getShort(Wire.FLAGS_AT) | rcode.lowBits()));
        if (query.edns() != null) {
            target.put((byte) 0)
                    .putShort((short) Wire.TYPE_OPT)
                    .putShort((short) Wire.MOST_MESSAGE)
                    .put((byte) rcode.highBits())
                    .put((byte) 0)
                    .putShort((short) (query.edns().wantsSecurity() ? OPT_DO : 0))
                    .putShort((short) 0);
            target.putShort(Wire.ADDITIONALS_AT, (short) 1);
        }
        target.flip();
    }
}
