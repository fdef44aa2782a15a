package io.berth.buildkit.rpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * A stream of responses for blocking code: sending waits until the client takes more. Made in the method's handler, before it
 * returns.
 *
 * @param <R> what is sent
 */
public final class Responses<R> {
    private final ServerCallStreamObserver<R> observer;
    private final Object lock = new Object();
    private boolean cancelled;

    /**
     * @param observer as gRPC gave it
     * @param cancel called when the client does not want the call any more or is gone
     */
    public Responses(StreamObserver<R> observer, Runnable cancel) {
        this.observer = (ServerCallStreamObserver<R>) observer;
        this.observer.setOnReadyHandler(this::wake);
        this.observer.setOnCancelHandler(() -> {
            synchronized (lock) {
                cancelled = true;
                lock.notifyAll();
            }
            cancel.run();
        });
    }

    private void wake() {
        synchronized (lock) {
            lock.notifyAll();
        }
    }

    /** Sends one; returns false when nobody wants it any more. */
    public boolean send(R response) throws InterruptedException {
        synchronized (lock) {
            while (!cancelled && !observer.isReady()) {
                lock.wait();
            }
            if (cancelled) {
                return false;
            }
            observer.onNext(response);
            return true;
        }
    }

    /** Sends one if the client takes it now. */
    public boolean offer(R response) {
        synchronized (lock) {
            if (cancelled || !observer.isReady()) {
                return false;
            }
            observer.onNext(response);
            return true;
        }
    }

    /** Ends the call well. */
    public void complete() {
        synchronized (lock) {
            if (!cancelled) {
                observer.onCompleted();
            }
        }
    }

    /** Ends the call with an error. */
    public void fail(Throwable error) {
        synchronized (lock) {
            if (!cancelled) {
                observer.onError(RpcErrors.of(error));
            }
        }
    }

    public boolean isCancelled() {
        synchronized (lock) {
            return cancelled;
        }
    }
}
