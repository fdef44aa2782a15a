package io.berth.registryclient;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A response body as a stream whose reads fail when nothing comes for too long; the JDK's own one would wait for ever on a
 * peer that has gone silent. At most {@value #IN_FLIGHT} pieces are buffered. Read by one thread; closing before the end, which
 * any thread may do, drops the connection.
 */
final class StreamedBody extends InputStream implements HttpResponse.BodySubscriber<InputStream> {
    private static final int IN_FLIGHT = 16;

    private final Duration silence;
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private volatile Flow.@Nullable Subscription subscription;
    private volatile boolean closed;
    private List<ByteBuffer> current = List.of();
    private int next;
    private boolean ended;

    /** What the connection reports. */
    private sealed interface Event {
        record Data(List<ByteBuffer> buffers) implements Event {}

        record Failure(Throwable cause) implements Event {}

        record End() implements Event {}
    }

    StreamedBody(Duration silence) {
        this.silence = silence;
    }

    @Override
    public CompletionStage<InputStream> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription started) {
        subscription = started;
        if (closed) {
            started.cancel();
        } else {
            started.request(IN_FLIGHT);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        events.add(new Event.Data(buffers));
    }

    @Override
    public void onError(Throwable cause) {
        events.add(new Event.Failure(cause));
    }

    @Override
    public void onComplete() {
        events.add(new Event.End());
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            if (next < current.size()) {
                ByteBuffer buffer = current.get(next);
                if (buffer.hasRemaining()) {
                    int count = Math.min(length, buffer.remaining());
                    buffer.get(target, offset, count);
                    return count;
                }
                next++;
            } else {
                await();
            }
        }
        return -1;
    }

    private void await() throws IOException {
        if (closed) {
            throw new IOException("stream closed");
        }
        switch (poll()) {
            case Event.Data(List<ByteBuffer> buffers) -> {
                current = buffers;
                next = 0;
                Flow.Subscription active = subscription;
                if (active != null) {
                    active.request(1);
                }
            }
            case Event.Failure(Throwable cause) -> throw new IOException(cause.getMessage(), cause);
            case Event.End() -> ended = true;
        }
    }

    private Event poll() throws IOException {
        try {
            Event event = events.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
            if (event == null) {
                close();
                throw new HttpTimeoutException("no data for " + silence.toSeconds() + " s");
            }
            return event;
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while reading").initCause(e);
        }
    }

    @Override
    public void close() {
        closed = true;
        Flow.Subscription active = subscription;
        if (active != null && !ended) {
            active.cancel();
        }
        // Wakes a reader that another thread closes the stream under.
        events.add(new Event.Failure(new IOException("stream closed")));
    }
}
