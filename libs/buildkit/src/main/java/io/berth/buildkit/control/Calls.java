package io.berth.buildkit.control;

import io.berth.buildkit.Client;
import io.berth.buildkit.rpc.Responses;
import io.berth.buildkit.rpc.RpcErrors;
import io.berth.docker.error.Unauthorized;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/** Handlers of calls as plain methods. */
final class Calls {
    private static final Context.Key<Metadata> HEADERS = Context.key("headers");

    private Calls() {}

    /** Answers a request; whatever it throws becomes the call's error. */
    @FunctionalInterface
    interface Answer<Q, R> {
        R to(Q request) throws Exception;
    }

    /** Answers a request with as many responses as it likes; returns when there are no more. */
    @FunctionalInterface
    interface Answers<Q, R> {
        void to(Q request, Responses<R> responses) throws Exception;
    }

    /** Makes the call's headers available to {@link #header}. */
    static final ServerInterceptor KEEP_HEADERS = new ServerInterceptor() {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            return Contexts.interceptCall(Context.current().withValue(HEADERS, headers), call, headers, next);
        }
    };

    /** Tells a client that its message makes no sense, instead of our log; for handlers of messages as streams. */
    static final ServerInterceptor TELL_MALFORMED = new ServerInterceptor() {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
                private boolean malformed;

                @Override
                public void onMessage(Q message) {
                    try {
                        super.onMessage(message);
                    } catch (StatusRuntimeException e) {
                        malformed = true;
                        call.close(e.getStatus(), new Metadata());
                    }
                }

                @Override
                public void onHalfClose() {
                    if (!malformed) {
                        super.onHalfClose();
                    }
                }
            };
        }
    };

    /** A header of the current call, empty when it has none of that name. */
    static String header(String name) {
        @Nullable Metadata headers = HEADERS.get();
        @Nullable
        String value = headers == null ? null : headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
        return value == null ? "" : value;
    }

    /**
     * Who makes the current call.
     *
     * @throws Unauthorized when that is not known
     */
    static Client client() {
        @Nullable Client client = Clients.CURRENT.get();
        if (client == null) {
            throw new Unauthorized("it is not known who calls");
        }
        return client;
    }

    /** What is answered at once. */
    static <Q, R> ServerCallHandler<Q, R> quick(Answer<Q, R> answer) {
        return ServerCalls.asyncUnaryCall((request, observer) -> {
            try {
                observer.onNext(answer.to(request));
                observer.onCompleted();
            } catch (Throwable e) {
                observer.onError(RpcErrors.of(e));
            }
        });
    }

    /** What takes its time: on a thread of its own, which is interrupted when the client cancels or is gone. */
    static <Q, R> ServerCallHandler<Q, R> lasting(String name, Answer<Q, R> answer) {
        return ServerCalls.asyncUnaryCall((request, observer) ->
                run(Thread.ofPlatform().name(name), observer, responses -> {
                    R response = answer.to(request);
                    if (responses.send(response)) {
                        responses.complete();
                    }
                }));
    }

    /** A stream of answers, on a thread of its own. */
    static <Q, R> ServerCallHandler<Q, R> streaming(String name, Answers<Q, R> answers) {
        return ServerCalls.asyncServerStreamingCall(
                (request, observer) -> run(Thread.ofVirtual().name(name), observer, responses -> {
                    answers.to(request, responses);
                    responses.complete();
                }));
    }

    @FunctionalInterface
    private interface Work<R> {
        void run(Responses<R> responses) throws Exception;
    }

    private static <R> void run(Thread.Builder threads, StreamObserver<R> observer, Work<R> work) {
        Cancellation cancellation = new Cancellation();
        Responses<R> responses = new Responses<>(observer, cancellation);
        Context context = Context.current();
        Thread thread = threads.unstarted(context.wrap(() -> {
            try {
                work.run(responses);
            } catch (Throwable e) {
                responses.fail(e);
            }
        }));
        cancellation.thread = thread;
        thread.start();
    }

    /** The call's end before its time, which cannot come before the handler has returned. */
    private static final class Cancellation implements Runnable {
        private volatile @Nullable Thread thread;

        @Override
        public void run() {
            @Nullable Thread running = thread;
            if (running != null) {
                running.interrupt();
            }
        }
    }
}
