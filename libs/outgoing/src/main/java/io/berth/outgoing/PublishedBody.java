package io.berth.outgoing;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import org.jspecify.annotations.Nullable;

/** A request's body, written as its publisher gives it out. */
final class PublishedBody extends AbstractHttpEntity {
    private final HttpRequest.BodyPublisher publisher;

    PublishedBody(HttpRequest.BodyPublisher publisher) {
        super((String) null, null, publisher.contentLength() < 0);
        this.publisher = publisher;
    }

    @Override
    public long getContentLength() {
        return publisher.contentLength();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        publisher.subscribe(new Writing(out, done));
        try {
            Object _ = done.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() instanceof UncheckedIOException wrapped ? wrapped.getCause() : e.getCause();
            throw cause instanceof IOException failure
                    ? failure
                    : new IOException(cause == null ? e.getMessage() : cause.getMessage(), e);
        }
    }

    private static final class Writing implements Flow.Subscriber<ByteBuffer> {
        private final OutputStream out;
        private final CompletableFuture<@Nullable Void> done;
        private Flow.@Nullable Subscription subscription;

        Writing(OutputStream out, CompletableFuture<@Nullable Void> done) {
            this.out = out;
            this.done = done;
        }

        @Override
        public void onSubscribe(Flow.Subscription started) {
            subscription = started;
            started.request(1);
        }

        @Override
        public void onNext(ByteBuffer piece) {
            Flow.Subscription active = subscription;
            try {
                if (piece.hasArray()) {
                    out.write(piece.array(), piece.arrayOffset() + piece.position(), piece.remaining());
                } else {
                    byte[] copy = new byte[piece.remaining()];
                    piece.get(copy);
                    out.write(copy);
                }
                if (active != null) {
                    active.request(1);
                }
            } catch (IOException e) {
                if (active != null) {
                    active.cancel();
                }
                boolean _ = done.completeExceptionally(e);
            }
        }

        @Override
        public void onError(Throwable failure) {
            boolean _ = done.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            boolean _ = done.complete(null);
        }
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    @Override
    public boolean isStreaming() {
        return true;
    }

    @Override
    public InputStream getContent() {
        throw new UnsupportedOperationException("a body that is sent is not read");
    }

    @Override
    public void close() {
        // it holds nothing
    }
}
