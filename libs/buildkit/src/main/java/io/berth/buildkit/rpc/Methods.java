package io.berth.buildkit.rpc;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;

/** Makes descriptors of methods, as a generator would. */
public final class Methods {
    private Methods() {}

    /** A method with one request and one response. */
    public static <Q extends Message, R extends Message> MethodDescriptor<Q, R> unary(
            String service, String name, Q request, R response) {
        return method(MethodType.UNARY, service, name, request, response);
    }

    /** A method with one request and a stream of responses. */
    public static <Q extends Message, R extends Message> MethodDescriptor<Q, R> answersMany(
            String service, String name, Q request, R response) {
        return method(MethodType.SERVER_STREAMING, service, name, request, response);
    }

    /** A method with a stream each way. */
    public static <Q extends Message, R extends Message> MethodDescriptor<Q, R> duplex(
            String service, String name, Q request, R response) {
        return method(MethodType.BIDI_STREAMING, service, name, request, response);
    }

    private static <Q extends Message, R extends Message> MethodDescriptor<Q, R> method(
            MethodType type, String service, String name, Q request, R response) {
        return MethodDescriptor.<Q, R>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(service, name))
                .setRequestMarshaller(new MessageMarshaller<>(request))
                .setResponseMarshaller(new MessageMarshaller<>(response))
                .build();
    }
}
