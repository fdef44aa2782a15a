package io.berth.gateway.proxy;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Waits for a client for a limited time: one timer that is set when the wait begins. Confined to an event loop. */
final class RequestPatience {
    private final EventLoop loop;
    private final Runnable end;
    private long sinceNanos;
    private long limitNanos;
    private @Nullable ScheduledFuture<?> timer;

    /**
     * @param end what happens when the client has taken too long
     */
    RequestPatience(EventLoop loop, Runnable end) {
        this.loop = loop;
        this.end = end;
    }

    /** Begins to wait, unless it is being waited already. */
    void begin(long nanos) {
        if (limitNanos == 0) {
            again(nanos);
        }
    }

    /** Begins to wait anew. The timer that runs is not touched: this happens with each piece of a body. */
    void again(long nanos) {
        sinceNanos = System.nanoTime();
        limitNanos = nanos;
        if (timer == null) {
            timer = loop.schedule(this::look, nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** What was waited for has come. */
    void rest() {
        limitNanos = 0;
    }

    /** Nothing is waited for any more, and no timer is left. */
    void stop() {
        rest();
        if (timer != null) {
            var _ = timer.cancel(false);
            timer = null;
        }
    }

    private void look() {
        timer = null;
        if (limitNanos == 0) {
            return;
        }
        long left = limitNanos - (System.nanoTime() - sinceNanos);
        if (left > 0) {
            timer = loop.schedule(this::look, left, TimeUnit.NANOSECONDS);
        } else {
            limitNanos = 0;
            end.run();
        }
    }
}
