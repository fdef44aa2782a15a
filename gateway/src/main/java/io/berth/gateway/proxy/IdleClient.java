package io.berth.gateway.proxy;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Ends a connection on which no request has come for long. Confined to an event loop. */
final class IdleClient {
    private final EventLoop loop;
    private final long limitNanos;
    private final BooleanSupplier served;
    private final Runnable tooLong;
    private long sinceNanos = System.nanoTime();
    private @Nullable ScheduledFuture<?> check;

    /**
     * @param served whether a request is being answered, so that the connection is not idle
     * @param tooLong ends the connection
     */
    IdleClient(EventLoop loop, long limitNanos, BooleanSupplier served, Runnable tooLong) {
        this.loop = loop;
        this.limitNanos = limitNanos;
        this.served = served;
        this.tooLong = tooLong;
    }

    void start() {
        checkLater(limitNanos);
    }

    /** A request has been answered. */
    void begins() {
        sinceNanos = System.nanoTime();
    }

    private void checkLater(long nanos) {
        check = loop.schedule(this::check, nanos, TimeUnit.NANOSECONDS);
    }

    private void check() {
        long left = limitNanos - (System.nanoTime() - sinceNanos);
        if (served.getAsBoolean()) {
            checkLater(limitNanos);
        } else if (left > 0) {
            checkLater(left);
        } else {
            tooLong.run();
        }
    }

    /** No timer is left, which would keep everything about a closed connection in memory. */
    void stop() {
        if (check != null) {
            var _ = check.cancel(false);
            check = null;
        }
    }
}
