package io.berth.buildkit.session;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.berth.buildkit.SessionException;
import io.berth.buildkit.rpc.Duplex;
import io.berth.buildkit.rpc.PieceInputStream;
import io.berth.buildkit.wire.SessionProto.BytesMessage;
import io.grpc.StatusException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The two directions of a call whose messages are pieces of a stream of bytes. */
final class ByteStreams {
    private static final int CHUNK_BYTES = 256 * 1024;

    private ByteStreams() {}

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted");
    }

    /** What is received. Closing it ends the call. */
    static final class Input extends PieceInputStream {
        private final Duplex<BytesMessage, BytesMessage> call;

        Input(Duplex<BytesMessage, BytesMessage> call) {
            this.call = call;
        }

        @Override
        protected @Nullable ByteString next() throws IOException {
            try {
                @Nullable BytesMessage message = call.receive();
                return message == null ? null : message.getData();
            } catch (StatusException e) {
                throw new SessionException(
                        "client's stream failed: " + e.getStatus().getDescription(), e);
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }

        @Override
        public void close() {
            call.close();
        }
    }

    /** What is sent. Closing it ends this direction alone. */
    static final class Output extends OutputStream {
        private final Duplex<BytesMessage, BytesMessage> call;

        Output(Duplex<BytesMessage, BytesMessage> call) {
            this.call = call;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, source.length);
            for (int done = 0; done < length; ) {
                int count = Math.min(length - done, CHUNK_BYTES);
                byte[] copy = Arrays.copyOfRange(source, offset + done, offset + done + count);
                send(UnsafeByteOperations.unsafeWrap(copy));
                done += count;
            }
        }

        private void send(ByteString piece) throws IOException {
            try {
                if (!call.send(BytesMessage.newBuilder().setData(piece).build())) {
                    throw new SessionException("client takes no more");
                }
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }

        @Override
        public void close() {
            call.halfClose();
        }
    }
}
