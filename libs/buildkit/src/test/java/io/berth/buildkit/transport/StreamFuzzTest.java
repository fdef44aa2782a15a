package io.berth.buildkit.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.buildkit.rpc.Methods;
import io.berth.buildkit.wire.WireProto.Packet;
import io.berth.fuzz.Fuzzer;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Frames of HTTP/2 behind the head that a connection was handed over by. */
class StreamFuzzTest {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);
    private static final byte[] SETTINGS = frame(4, 0, 0, new byte[] {0, 4, 0, 1, 0, 0});
    private static final byte[] CALL = frame(1, 4, 1, headers());
    private static final byte[] NO_CONTENT = frame(0, 1, 1, new byte[5]);
    private static final byte[] CONTENT = frame(0, 1, 1, new byte[] {0, 0, 0, 0, 2, 8, 1});
    private static final byte[] WINDOW = frame(8, 0, 0, new byte[] {0, 1, 0, 0});
    private static final byte[] PING = frame(6, 0, 0, new byte[8]);
    private static final byte[] RESET = frame(3, 0, 1, new byte[] {0, 0, 0, 8});

    private final AtomicInteger answered = new AtomicInteger();

    /** Each connection is served to its end, and one that is in order is served behind all of them. */
    @Test
    void frames() throws Exception {
        byte[] good = concatenated(PREFACE, SETTINGS, CALL, NO_CONTENT);
        try (StreamTransport transport = new StreamTransport()) {
            Server server = server(transport);
            Fuzzer.of("HTTP/2")
                    .example(good)
                    .example(concatenated(PREFACE, SETTINGS, WINDOW, PING, CALL, CONTENT, RESET))
                    .example(concatenated(PREFACE, SETTINGS, frame(1, 0, 1, headers()), frame(9, 4, 1, new byte[0])))
                    .words("grpc-timeout", "te", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
                    .costing(8)
                    .run(input -> serve(transport, input));
            int before = answered.get();
            for (int i = 0; i < 100 && answered.get() == before; i++) {
                serve(transport, good);
            }
            assertThat(answered).hasValueGreaterThan(before);
            server.shutdownNow().awaitTermination();
        }
    }

    private Server server(StreamTransport transport) throws Exception {
        var echo = Methods.unary("t.T", "Echo", Packet.getDefaultInstance(), Packet.getDefaultInstance());
        return transport
                .serverBuilder()
                .directExecutor()
                .addService(ServerServiceDefinition.builder("t.T")
                        .addMethod(echo, ServerCalls.asyncUnaryCall(this::answer))
                        .build())
                .build()
                .start();
    }

    private void answer(Packet question, StreamObserver<Packet> to) {
        answered.incrementAndGet();
        to.onNext(question);
        to.onCompleted();
    }

    private static void serve(StreamTransport transport, byte[] input) throws Exception {
        transport.serve(
                new Connection(new ByteArrayInputStream(input), new ByteArrayOutputStream(), () -> {}),
                transport.newAddress());
    }

    /** {@code POST http://t/t.T/Echo} with the headers that gRPC wants (RFC 7541, appendix A, for the numbers). */
    private static byte[] headers() {
        return concatenated(
                new byte[] {(byte) 0x83, (byte) 0x86, 0x04},
                text("/t.T/Echo"),
                new byte[] {0x01},
                text("t"),
                new byte[] {0x0f, 0x10},
                text("application/grpc"),
                new byte[] {0x00},
                text("te"),
                text("trailers"));
    }

    private static byte[] text(String text) {
        return concatenated(new byte[] {(byte) text.length()}, text.getBytes(US_ASCII));
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return concatenated(
                new byte[] {0, 0, (byte) payload.length, (byte) type, (byte) flags, 0, 0, 0, (byte) stream}, payload);
    }

    private static byte[] concatenated(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
