package io.berth.engine.network.dns;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Messages as clients write and read them, by code of its own. */
final class Messages {
    static final int A = 1;
    static final int PTR = 12;
    static final int MX = 15;
    static final int TXT = 16;
    static final int AAAA = 28;

    private static final int RECURSION_DESIRED = 0x0100;

    private Messages() {}

    /** A query as glibc sends it. */
    static ByteBuffer query(int id, String name, int type) {
        return query(id, name, type, -1);
    }

    /** @param datagramLimit of an OPT record, which is left out when negative */
    static ByteBuffer query(int id, String name, int type, int datagramLimit) {
        ByteBuffer message = ByteBuffer.allocate(512);
        message.putShort((short) id).putShort((short) RECURSION_DESIRED).putShort((short) 1);
        message.putInt(0).putShort((short) (datagramLimit < 0 ? 0 : 1));
        message.put(name(name)).putShort((short) type).putShort((short) 1);
        if (datagramLimit >= 0) {
            message.put((byte) 0).putShort((short) 41).putShort((short) datagramLimit);
            message.putInt(0).putShort((short) 0);
        }
        return message.flip();
    }

    static byte[] name(String name) {
        var bytes = new ByteArrayOutputStream();
        for (String label : name.split("\\.")) {
            if (!label.isEmpty()) {
                bytes.write(label.length());
                bytes.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
            }
        }
        bytes.write(0);
        return bytes.toByteArray();
    }

    /**
     * An answer.
     *
     * @param records text of the data of each A, AAAA or PTR record
     * @param options whether there is an OPT record
     */
    record Answer(int id, int flags, List<String> records, boolean options) {
        int rcode() {
            return flags & 0xf;
        }

        boolean truncated() {
            return (flags & 0x200) != 0;
        }
    }

    /** Reads a response whose answers point at the question, or repeat it. */
    static Answer read(ByteBuffer response) {
        ByteBuffer in = response.duplicate();
        int id = Short.toUnsignedInt(in.getShort());
        int flags = Short.toUnsignedInt(in.getShort());
        int questions = in.getShort();
        int answers = in.getShort();
        int authorities = in.getShort();
        int additionals = in.getShort();
        for (int i = 0; i < questions; i++) {
            readName(in);
            in.getInt();
        }
        List<String> records = new ArrayList<>();
        boolean options = false;
        for (int i = 0; i < answers + authorities + additionals; i++) {
            readName(in);
            int type = in.getShort();
            in.getShort();
            in.getInt();
            byte[] data = new byte[Short.toUnsignedInt(in.getShort())];
            if (type == PTR) {
                records.add(readName(in));
            } else {
                in.get(data);
                options |= type == 41;
                if (i < answers) {
                    records.add(text(data));
                }
            }
        }
        if (in.hasRemaining()) {
            throw new IllegalArgumentException(in.remaining() + " bytes after the response");
        }
        return new Answer(id, flags, records, options);
    }

    private static String text(byte[] data) {
        try {
            return InetAddress.getByAddress(data).getHostAddress();
        } catch (UnknownHostException e) {
            return data.length + " bytes";
        }
    }

    private static String readName(ByteBuffer in) {
        StringBuilder name = new StringBuilder();
        for (int length = Byte.toUnsignedInt(in.get()); length != 0; length = Byte.toUnsignedInt(in.get())) {
            if (length >= 0xc0) {
                in.get();
                return name.append("(pointer)").toString();
            }
            byte[] label = new byte[length];
            in.get(label);
            name.append(new String(label, StandardCharsets.US_ASCII)).append('.');
        }
        return name.toString();
    }
}
