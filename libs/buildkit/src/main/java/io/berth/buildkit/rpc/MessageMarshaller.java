package io.berth.buildkit.rpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.InputStream;

/** A message's form on the wire. */
final class MessageMarshaller<M extends Message> implements MethodDescriptor.Marshaller<M> {
    private final Parser<M> parser;

    @SuppressWarnings("unchecked") // a message's parser parses messages of its kind
    MessageMarshaller(M example) {
        this.parser = (Parser<M>) example.getParserForType();
    }

    @Override
    public InputStream stream(M message) {
        return new Encoded(message.toByteArray());
    }

    @Override
    public M parse(InputStream stream) {
        try {
            return parser.parseFrom(stream);
        } catch (InvalidProtocolBufferException e) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("malformed message: " + e.getMessage())
                    .withCause(e)
                    .asRuntimeException();
        }
    }

    /** Tells gRPC its length, which it writes in front. */
    private static final class Encoded extends ByteArrayInputStream implements KnownLength {
        Encoded(byte[] bytes) {
            super(bytes);
        }
    }
}
