package io.berth.buildkit.session;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnsafeByteOperations;
import io.berth.buildkit.ClientContent;
import io.berth.buildkit.SessionException;
import io.berth.buildkit.rpc.Duplex;
import io.berth.buildkit.rpc.Methods;
import io.berth.buildkit.rpc.PieceInputStream;
import io.berth.oci.Digest;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A store of the client's by containerd's content service. Of its messages only a few fields matter here, which are read and written by
 * their numbers (containerd: api/services/content/v1/content.proto).
 */
final class GrpcContent implements ClientContent {
    private static final String SERVICE = "containerd.services.content.v1.Content";
    private static final Metadata.Key<String> STORE =
            Metadata.Key.of("buildkit-attachable-store-id", Metadata.ASCII_STRING_MARSHALLER);
    private static final Empty FIELDS = Empty.getDefaultInstance();
    private static final MethodDescriptor<Empty, Empty> INFO = Methods.unary(SERVICE, "Info", FIELDS, FIELDS);
    private static final MethodDescriptor<Empty, Empty> READ = Methods.answersMany(SERVICE, "Read", FIELDS, FIELDS);
    private static final MethodDescriptor<Empty, Empty> WRITE = Methods.duplex(SERVICE, "Write", FIELDS, FIELDS);

    /** WriteAction: the writer says where it is, takes data, or commits. */
    private static final int STAT = 0;

    private static final int DATA = 1;
    private static final int COMMIT = 2;

    private static final int CHUNK_BYTES = 1 << 20;

    private final Channel channel;
    private final String store;

    GrpcContent(Channel channel, String store) {
        this.channel = channel;
        this.store = store;
    }

    private Metadata headers() {
        Metadata headers = new Metadata();
        headers.put(STORE, store);
        return headers;
    }

    @Override
    public long size(Digest digest) throws IOException, InterruptedException {
        try (Duplex<Empty, Empty> call = Duplex.open(channel, INFO, headers())) {
            var _ = call.send(message(text(1, digest.toString())));
            call.halfClose();
            @Nullable Empty answer = call.receive();
            if (answer == null) {
                throw new SessionException("client did not answer");
            }
            ByteString info = bytes(answer.getUnknownFields(), 1);
            return number(UnknownFieldSet.parseFrom(info), 2);
        } catch (StatusException e) {
            throw failure("cannot find " + digest, e);
        } catch (InvalidProtocolBufferException e) {
            throw new SessionException("client speaks nonsense of " + digest, e);
        }
    }

    @Override
    public InputStream open(Digest digest, long offset) throws IOException {
        Duplex<Empty, Empty> call = Duplex.open(channel, READ, headers());
        try {
            var _ = call.send(message(
                    text(1, digest.toString()).mergeFrom(number(2, offset).build())));
            call.halfClose();
            return new Blob(call, digest);
        } catch (InterruptedException e) {
            call.close();
            throw interrupted();
        }
    }

    private static final class Blob extends PieceInputStream {
        private final Duplex<Empty, Empty> call;
        private final Digest digest;

        Blob(Duplex<Empty, Empty> call, Digest digest) {
            this.call = call;
            this.digest = digest;
        }

        @Override
        protected @Nullable ByteString next() throws IOException {
            try {
                @Nullable Empty message = call.receive();
                return message == null ? null : bytes(message.getUnknownFields(), 2);
            } catch (StatusException e) {
                throw failure("cannot read " + digest, e);
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }

        @Override
        public void close() {
            call.close();
        }
    }

    @Override
    public void write(Digest digest, long size, InputStream content) throws IOException, InterruptedException {
        UnknownFieldSet.Builder whole =
                number(3, size).mergeFrom(text(4, digest.toString()).build());
        try (Duplex<Empty, Empty> call = Duplex.open(channel, WRITE, headers())) {
            // A name of its own: what an earlier export has left half written is not gone on with.
            answered(
                    call,
                    number(1, STAT)
                            .mergeFrom(text(2, "berth-" + UUID.randomUUID()).build())
                            .mergeFrom(whole.build()));
            long offset = 0;
            for (byte[] chunk = content.readNBytes(CHUNK_BYTES);
                    chunk.length > 0;
                    chunk = content.readNBytes(CHUNK_BYTES)) {
                answered(
                        call,
                        number(1, DATA)
                                .mergeFrom(number(5, offset).build())
                                .addField(
                                        6,
                                        field().addLengthDelimited(UnsafeByteOperations.unsafeWrap(chunk))
                                                .build()));
                offset += chunk.length;
            }
            answered(
                    call, number(1, COMMIT).mergeFrom(number(5, offset).build()).mergeFrom(whole.build()));
        } catch (StatusException e) {
            if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
                throw failure("cannot write " + digest, e);
            }
        }
    }

    private static void answered(Duplex<Empty, Empty> call, UnknownFieldSet.Builder request)
            throws StatusException, IOException, InterruptedException {
        var _ = call.send(message(request));
        if (call.receive() == null) {
            throw new SessionException("client takes no more");
        }
    }

    private static Empty message(UnknownFieldSet.Builder fields) {
        return Empty.newBuilder().setUnknownFields(fields.build()).build();
    }

    private static UnknownFieldSet.Field.Builder field() {
        return UnknownFieldSet.Field.newBuilder();
    }

    private static UnknownFieldSet.Builder text(int number, String value) {
        return UnknownFieldSet.newBuilder()
                .addField(
                        number,
                        field().addLengthDelimited(ByteString.copyFromUtf8(value))
                                .build());
    }

    private static UnknownFieldSet.Builder number(int number, long value) {
        return UnknownFieldSet.newBuilder()
                .addField(number, field().addVarint(value).build());
    }

    /** The last value of a field, as readers of such messages take it; empty when there is none. */
    private static ByteString bytes(UnknownFieldSet fields, int number) {
        var values = fields.getField(number).getLengthDelimitedList();
        return values.isEmpty() ? ByteString.EMPTY : values.getLast();
    }

    private static long number(UnknownFieldSet fields, int number) {
        var values = fields.getField(number).getVarintList();
        return values.isEmpty() ? 0 : values.getLast();
    }

    private static SessionException failure(String what, StatusException cause) {
        @Nullable String why = cause.getStatus().getDescription();
        return new SessionException(
                what + ": " + (why == null ? cause.getStatus().getCode().name() : why), cause);
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted");
    }
}
