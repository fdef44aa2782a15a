package io.berth.bench;

import com.google.protobuf.ByteString;
import io.berth.buildkit.rpc.Duplex;
import io.berth.buildkit.rpc.Methods;
import io.berth.buildkit.transport.Connection;
import io.berth.buildkit.transport.StreamTransport;
import io.berth.buildkit.wire.ControlProto.Exporter;
import io.berth.buildkit.wire.ControlProto.SolveRequest;
import io.berth.buildkit.wire.ControlProto.SolveResponse;
import io.berth.buildkit.wire.StatProto.Stat;
import io.berth.buildkit.wire.WireProto.Packet;
import io.berth.buildkit.wire.WireProto.Packet.PacketType;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * BuildKit's protocol over a Docker socket, spoken by hand: a build costs one session and one call, so that a measurement holds the
 * builder's time and hardly any of a client's. The context is the Dockerfile alone. Used by one thread.
 */
final class BuildKitClient implements AutoCloseable {
    private static final MethodDescriptor<SolveRequest, SolveResponse> SOLVE = Methods.unary(
            "moby.buildkit.v1.Control", "Solve", SolveRequest.getDefaultInstance(), SolveResponse.getDefaultInstance());
    private static final String FILES = "moby.filesync.v1.FileSync";
    private static final String DIFF_COPY = "DiffCopy";
    private static final long MODIFIED_NANOS = 1_700_000_000_000_000_000L;

    private final Path socket;
    private final StreamTransport transport = new StreamTransport();
    private final ManagedChannel calls;

    BuildKitClient(Path socket) {
        this.socket = socket;
        CompletableFuture<ManagedChannel> opened = new CompletableFuture<>();
        Taken taken = take("/grpc", "");
        Thread.ofVirtual().start(() -> {
            try {
                transport.call(taken.connection(), opened::complete);
            } catch (IOException | InterruptedException e) {
                opened.completeExceptionally(e);
            }
        });
        this.calls = opened.join();
    }

    /** A connection that the daemon has handed over. */
    private record Taken(SocketChannel channel, InputStream input) {
        Connection connection() {
            return new Connection(input, Channels.newOutputStream(channel), channel);
        }
    }

    private Taken take(String path, String headers) {
        try {
            SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            InputStream in = Channels.newInputStream(channel);
            String request = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
                    + headers + "\r\n";
            int _ = channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    throw new EOFException("the daemon closed " + path);
                }
                head.append((char) next);
            }
            if (!head.toString().contains(" 101 ")) {
                throw new IllegalStateException(path + ": " + head);
            }
            return new Taken(channel, in);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open " + path, e);
        }
    }

    /** Builds an image without a name. */
    void build(String dockerfile) {
        String session = UUID.randomUUID().toString();
        try (StreamTransport offered = new StreamTransport()) {
            var _ = offered.serverBuilder()
                    .directExecutor()
                    .addService(files(dockerfile))
                    .build()
                    .start();
            Taken taken = take(
                    "/session",
                    "X-Docker-Expose-Session-Uuid: " + session + "\r\nX-Docker-Expose-Session-Grpc-Method: /" + FILES
                            + "/" + DIFF_COPY + "\r\n");
            try (SocketChannel _ = taken.channel()) {
                Thread.ofVirtual().start(() -> serve(offered, taken.connection()));
                solve(session);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void serve(StreamTransport offered, Connection connection) {
        try {
            offered.serve(connection, offered.newAddress());
        } catch (IOException | InterruptedException e) {
            // the build is over
        }
    }

    private void solve(String session) {
        SolveRequest request = SolveRequest.newBuilder()
                .setRef(UUID.randomUUID().toString())
                .setSession(session)
                .setFrontend("dockerfile.v0")
                .addExporters(Exporter.newBuilder().setType("moby"))
                .setExporterDeprecated("moby")
                .build();
        try (Duplex<SolveRequest, SolveResponse> call = Duplex.open(calls, SOLVE, new Metadata())) {
            boolean _ = call.send(request);
            call.halfClose();
            if (call.receive() == null) {
                throw new IllegalStateException("the build had no answer");
            }
        } catch (StatusException e) {
            throw new IllegalStateException("the build failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** A directory that holds the Dockerfile. */
    private static ServerServiceDefinition files(String dockerfile) {
        Packet stat = Packet.newBuilder()
                .setType(PacketType.PACKET_STAT)
                .setStat(Stat.newBuilder()
                        .setPath(ByteString.copyFromUtf8("Dockerfile"))
                        .setMode(0_644)
                        .setSize(dockerfile.length())
                        .setModTime(MODIFIED_NANOS))
                .build();
        return ServerServiceDefinition.builder(FILES)
                .addMethod(
                        Methods.duplex(FILES, DIFF_COPY, Packet.getDefaultInstance(), Packet.getDefaultInstance()),
                        ServerCalls.asyncBidiStreamingCall(out -> {
                            out.onNext(stat);
                            out.onNext(Packet.newBuilder()
                                    .setType(PacketType.PACKET_STAT)
                                    .build());
                            return new Answers(out, dockerfile);
                        }))
                .build();
    }

    private record Answers(StreamObserver<Packet> out, String dockerfile) implements StreamObserver<Packet> {
        @Override
        public void onNext(Packet packet) {
            if (packet.getType() == PacketType.PACKET_REQ) {
                Packet.Builder data =
                        Packet.newBuilder().setType(PacketType.PACKET_DATA).setID(packet.getID());
                out.onNext(data.setData(ByteString.copyFromUtf8(dockerfile)).build());
                out.onNext(data.clearData().build());
            } else if (packet.getType() == PacketType.PACKET_FIN) {
                out.onNext(packet);
            }
        }

        @Override
        public void onError(Throwable error) {
            out.onError(Status.CANCELLED.asException());
        }

        @Override
        public void onCompleted() {
            out.onCompleted();
        }
    }

    @Override
    public void close() {
        calls.shutdownNow();
        transport.close();
    }
}
