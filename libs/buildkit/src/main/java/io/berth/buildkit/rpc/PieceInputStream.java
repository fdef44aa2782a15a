package io.berth.buildkit.rpc;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Bytes that come in pieces, one with each message of a call. Used by one thread. */
public abstract class PieceInputStream extends InputStream {
    private ByteString piece = ByteString.EMPTY;
    private int taken;

    /** The next piece, which may be empty; null at the end. */
    protected abstract @Nullable ByteString next() throws IOException;

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public final int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        while (taken == piece.size()) {
            @Nullable ByteString next = next();
            if (next == null) {
                return -1;
            }
            piece = next;
            taken = 0;
        }
        int count = Math.min(length, piece.size() - taken);
        piece.substring(taken, taken + count).copyTo(target, offset);
        taken += count;
        return count;
    }
}
