package io.berth.docker.stream;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * One frame of the multiplexed stream (Engine API, ContainerAttach, "Stream format"): an eight-byte header
 * {@code [type, 0, 0, 0, size1..4]} with the size as unsigned big-endian, then that many bytes.
 */
public final class StreamFrame {
    /** Length of a frame's header in bytes. */
    public static final int HEADER_LENGTH = 8;

    private static final int MAX_PAYLOAD_LENGTH = 1 << 24;

    private final StreamType type;
    private final byte[] payload;

    private StreamFrame(StreamType type, byte[] payload) {
        this.type = type;
        this.payload = payload;
    }

    public StreamType type() {
        return type;
    }

    /** The payload; not copied, so do not change it. */
    public byte[] payload() {
        return payload;
    }

    /**
     * Writes a header into the buffer at its position.
     *
     * @param length of the payload that follows, in bytes
     */
    public static void putHeader(ByteBuffer buffer, StreamType type, int length) {
        buffer.put((byte) type.code()).put((byte) 0).put((byte) 0).put((byte) 0);
        buffer.put((byte) (length >>> 24))
                .put((byte) (length >>> 16))
                .put((byte) (length >>> 8))
                .put((byte) length);
    }

    /** A whole frame as bytes. */
    public static byte[] encode(StreamType type, byte[] content, int offset, int length) {
        byte[] frame = new byte[HEADER_LENGTH + length];
        putHeader(ByteBuffer.wrap(frame), type, length);
        System.arraycopy(content, offset, frame, HEADER_LENGTH, length);
        return frame;
    }

    /**
     * Reads the next frame, or nothing at the end of the stream.
     *
     * @throws EOFException when the stream ends inside a frame
     * @throws IOException for an unknown stream type or a frame of over 16 MiB
     */
    public static Optional<StreamFrame> read(InputStream in) throws IOException {
        int code = in.read();
        if (code < 0) {
            return Optional.empty();
        }
        DataInputStream data = new DataInputStream(in);
        if (data.skipBytes(3) != 3) {
            throw new EOFException("stream ended inside a frame header");
        }
        int length = data.readInt();
        Optional<StreamType> type = StreamType.of(code);
        if (type.isEmpty() || length < 0 || length > MAX_PAYLOAD_LENGTH) {
            throw new IOException("not a stream frame: type " + code + ", length " + Integer.toUnsignedString(length));
        }
        byte[] payload = new byte[length];
        data.readFully(payload);
        return Optional.of(new StreamFrame(type.get(), payload));
    }
}
