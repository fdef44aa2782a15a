package io.berth.engine.web;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A websocket connection as two byte streams (RFC 6455): what arrives in text and binary messages is one stream, each write of
 * the other becomes a message of its own. Pings are answered when they are read. One thread reads, another may write.
 */
final class WebSocketStreams {
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int MAX_CONTROL_BYTES = 125;
    private static final int TWO_BYTES = 126;
    private static final int EIGHT_BYTES = 127;
    private static final int MAX_TWO_BYTES = 0xffff;
    private static final int PROTOCOL_ERROR = 1002;
    private static final int NORMAL = 1000;

    private final InputStream in;
    private final OutputStream out;
    private final int messageType;
    private final Runnable closed;
    private boolean closeSent;

    /**
     * @param text whether to send text messages, as clients before API 1.28 want
     * @param closed called once when the client closes the connection, or is gone
     */
    WebSocketStreams(InputStream in, OutputStream out, boolean text, Runnable closed) {
        this.in = in;
        this.out = out;
        this.messageType = text ? TEXT : BINARY;
        this.closed = closed;
    }

    InputStream input() {
        return new Input();
    }

    OutputStream output() {
        return new Output();
    }

    /** Tells the client that nothing more will come. */
    void close() throws IOException {
        sendClose(NORMAL);
    }

    private void sendClose(int code) throws IOException {
        synchronized (out) {
            if (!closeSent) {
                send(CLOSE, new byte[] {(byte) (code >> 8), (byte) code}, 0, 2);
                closeSent = true;
            }
        }
    }

    private void send(int opcode, byte[] content, int offset, int length) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream(10);
        head.write(FINAL | opcode);
        if (length <= MAX_CONTROL_BYTES) {
            head.write(length);
        } else if (length <= MAX_TWO_BYTES) {
            head.write(TWO_BYTES);
            head.write(length >> 8);
            head.write(length);
        } else {
            head.write(EIGHT_BYTES);
            for (int shift = 56; shift >= 0; shift -= 8) {
                head.write((int) ((long) length >> shift));
            }
        }
        synchronized (out) {
            if (closeSent) {
                throw new EOFException("websocket closed");
            }
            out.write(head.toByteArray());
            out.write(content, offset, length);
            out.flush();
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] content, int offset, int length) throws IOException {
            if (length > 0) {
                send(messageType, content, offset, length);
            }
        }
    }

    private final class Input extends InputStream {
        private final byte[] mask = new byte[4];
        private long left;
        private int position;
        private boolean ended;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return next(buffer, offset, length);
            } catch (IOException e) {
                // A client that goes without a word: Tomcat reports the end of an upgraded connection as EOFException.
                int _ = end();
                throw e;
            }
        }

        private int next(byte[] buffer, int offset, int length) throws IOException {
            while (left == 0 && !ended) {
                nextFrame();
            }
            if (ended) {
                return -1;
            }
            int count = in.read(buffer, offset, (int) Math.min(length, left));
            if (count < 0) {
                return end();
            }
            for (int i = 0; i < count; i++) {
                buffer[offset + i] ^= mask[position++ & 3];
            }
            left -= count;
            return count;
        }

        private int end() {
            if (!ended) {
                ended = true;
                closed.run();
            }
            return -1;
        }

        private void nextFrame() throws IOException {
            int first = in.read();
            int second = first < 0 ? -1 : in.read();
            if (second < 0) {
                int _ = end();
                return;
            }
            int opcode = first & 0x0f;
            long length = length(second & 0x7f);
            boolean control = opcode >= CLOSE;
            boolean wrong = (second & MASKED) == 0
                    || length < 0
                    || (control && (length > MAX_CONTROL_BYTES || (first & FINAL) == 0));
            if (wrong) {
                sendClose(PROTOCOL_ERROR);
                int _ = end();
                return;
            }
            if (!fill(mask)) {
                return;
            }
            position = 0;
            if (control) {
                control(opcode, (int) length);
            } else {
                left = length;
            }
        }

        private long length(int coded) throws IOException {
            int bytes = coded == TWO_BYTES ? 2 : coded == EIGHT_BYTES ? 8 : 0;
            if (bytes == 0) {
                return coded;
            }
            byte[] extended = new byte[bytes];
            if (!fill(extended)) {
                return 0;
            }
            long length = 0;
            for (byte next : extended) {
                length = (length << 8) | (next & 0xff);
            }
            return length;
        }

        /** Not {@code readNBytes(int)}: it ends with a read of no bytes, at which Tomcat waits. */
        private boolean fill(byte[] bytes) throws IOException {
            if (in.readNBytes(bytes, 0, bytes.length) == bytes.length) {
                return true;
            }
            int _ = end();
            return false;
        }

        private void control(int opcode, int length) throws IOException {
            byte[] content = new byte[length];
            if (!fill(content)) {
                return;
            }
            for (int i = 0; i < content.length; i++) {
                content[i] ^= mask[i & 3];
            }
            if (opcode == PING) {
                send(PONG, content, 0, content.length);
            } else if (opcode == CLOSE) {
                int code = content.length < 2 ? NORMAL : ((content[0] & 0xff) << 8) | (content[1] & 0xff);
                sendClose(code);
                int _ = end();
            }
        }
    }
}
