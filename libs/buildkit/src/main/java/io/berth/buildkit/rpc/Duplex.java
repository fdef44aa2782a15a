package io.berth.buildkit.rpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A call with a stream of messages each way, for blocking code: one thread may receive while others send.
 *
 * <p>Few messages are on their way at any time: sending waits until the other side takes more, and no more are asked for than
 * have been taken. Closing before the call has ended cancels it.
 *
 * @param <Q> what is sent
 * @param <R> what is received
 */
public final class Duplex<Q, R> implements AutoCloseable {
    private static final int AHEAD = 16;

    private final ClientCall<Q, R> call;
    private final Deque<R> received = new ArrayDeque<>();
    private final Object lock = new Object();
    private @Nullable Status ended;
    private final boolean sendsOne;
    private boolean halfClosed;

    private Duplex(ClientCall<Q, R> call, boolean sendsOne) {
        this.call = call;
        this.sendsOne = sendsOne;
    }

    /** Begins a call. */
    public static <Q, R> Duplex<Q, R> open(Channel channel, MethodDescriptor<Q, R> method, Metadata headers) {
        Duplex<Q, R> duplex = new Duplex<>(
                channel.newCall(method, CallOptions.DEFAULT), method.getType().clientSendsOneMessage());
        duplex.call.start(duplex.new Listener(), headers);
        duplex.call.request(AHEAD);
        return duplex;
    }

    /**
     * The next message, or null when the other side has ended the call well.
     *
     * @throws StatusException when it has ended otherwise
     */
    public @Nullable R receive() throws StatusException, InterruptedException {
        synchronized (lock) {
            while (received.isEmpty()) {
                Status status = ended;
                if (status == null) {
                    lock.wait();
                } else if (status.isOk()) {
                    return null;
                } else {
                    throw status.asException();
                }
            }
            call.request(1);
            return received.removeFirst();
        }
    }

    /**
     * Sends a message.
     *
     * @return false when the call is over, so that nobody will read it; {@link #receive} then tells how
     */
    public boolean send(Q message) throws InterruptedException {
        synchronized (lock) {
            // A call with one message does not even begin before that is sent.
            while (ended == null && !sendsOne && !call.isReady()) {
                lock.wait();
            }
            if (ended != null || halfClosed) {
                return false;
            }
            call.sendMessage(message);
            return true;
        }
    }

    /** Nothing more will be sent. */
    public void halfClose() {
        synchronized (lock) {
            if (ended == null && !halfClosed) {
                halfClosed = true;
                call.halfClose();
            }
        }
    }

    /** Whether the other side, or its connection, has ended the call. */
    public boolean isEnded() {
        synchronized (lock) {
            return ended != null;
        }
    }

    /** Ends the call, so that whoever waits for it goes on. */
    public void cancel(String reason) {
        synchronized (lock) {
            if (ended == null) {
                // It takes a while until gRPC says so.
                ended = Status.CANCELLED.withDescription(reason);
                lock.notifyAll();
                call.cancel(reason, null);
            }
        }
    }

    @Override
    public void close() {
        cancel("no longer wanted");
    }

    private final class Listener extends ClientCall.Listener<R> {
        @Override
        public void onMessage(R message) {
            synchronized (lock) {
                received.addLast(message);
                lock.notifyAll();
            }
        }

        @Override
        public void onReady() {
            synchronized (lock) {
                lock.notifyAll();
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            synchronized (lock) {
                if (ended == null) {
                    ended = status;
                }
                lock.notifyAll();
            }
        }
    }
}
