package io.berth.buildkit.control;

import com.google.protobuf.ByteString;
import io.berth.buildkit.rpc.Methods;
import io.berth.buildkit.rpc.PieceInputStream;
import io.berth.buildkit.rpc.Responses;
import io.berth.buildkit.rpc.RpcErrors;
import io.berth.buildkit.session.SessionOffer;
import io.berth.buildkit.session.Sessions;
import io.berth.buildkit.transport.Connection;
import io.berth.buildkit.wire.ControlProto.BytesMessage;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code Control.Session}: a session whose bytes are a call's messages instead of a connection of its own. */
final class SessionService {
    private static final Logger LOG = LoggerFactory.getLogger(SessionService.class);
    private static final int AHEAD = 4;

    private final Sessions sessions;

    SessionService(Sessions sessions) {
        this.sessions = sessions;
    }

    void addTo(ServerServiceDefinition.Builder service) {
        service.addMethod(
                Methods.duplex(
                        ControlService.NAME,
                        "Session",
                        BytesMessage.getDefaultInstance(),
                        BytesMessage.getDefaultInstance()),
                ServerCalls.asyncBidiStreamingCall(this::open));
    }

    private StreamObserver<BytesMessage> open(StreamObserver<BytesMessage> observer) {
        ServerCallStreamObserver<BytesMessage> call = (ServerCallStreamObserver<BytesMessage>) observer;
        call.disableAutoRequest();
        Received received = new Received(call);
        Responses<BytesMessage> responses = new Responses<>(observer, received::end);
        Sessions.Accepted accepted;
        try {
            accepted = sessions.accept(Calls.client(), SessionOffer.of(name -> List.of(Calls.header(name))));
        } catch (RuntimeException e) {
            responses.fail(e);
            return received;
        }
        call.request(AHEAD);
        Thread.ofVirtual().name("build-session").start(() -> {
            try (accepted) {
                accepted.run(new Connection(received.stream(), new Sent(responses), () -> {
                    received.end();
                    responses.complete();
                }));
            } catch (IOException | InterruptedException | RuntimeException e) {
                LOG.atDebug().setCause(e).log("session failed");
                responses.fail(RpcErrors.of(e));
            }
        });
        return received;
    }

    /** What the client has sent. */
    private static final class Received implements StreamObserver<BytesMessage> {
        private final ServerCallStreamObserver<BytesMessage> call;
        private final Deque<ByteString> pieces = new ArrayDeque<>();
        private boolean ended;

        Received(ServerCallStreamObserver<BytesMessage> call) {
            this.call = call;
        }

        @Override
        public synchronized void onNext(BytesMessage message) {
            if (!message.getData().isEmpty()) {
                pieces.addLast(message.getData());
                notifyAll();
            } else {
                call.request(1);
            }
        }

        @Override
        public void onError(Throwable error) {
            end();
        }

        @Override
        public void onCompleted() {
            end();
        }

        synchronized void end() {
            ended = true;
            notifyAll();
        }

        private synchronized @Nullable ByteString take() throws InterruptedIOException {
            try {
                while (pieces.isEmpty() && !ended) {
                    wait();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
            @Nullable ByteString piece = pieces.pollFirst();
            if (piece != null && !ended) {
                call.request(1);
            }
            return piece;
        }

        InputStream stream() {
            return new PieceInputStream() {
                @Override
                protected @Nullable ByteString next() throws IOException {
                    return take();
                }
            };
        }
    }

    /** What the client is sent. */
    private static final class Sent extends OutputStream {
        private final Responses<BytesMessage> responses;

        Sent(Responses<BytesMessage> responses) {
            this.responses = responses;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            BytesMessage message = BytesMessage.newBuilder()
                    .setData(ByteString.copyFrom(source, offset, length))
                    .build();
            try {
                if (!responses.send(message)) {
                    throw new IOException("session is over");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        }
    }
}
