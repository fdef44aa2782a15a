package io.berth.gateway.proxy;

import io.berth.docker.error.Unavailable;
import io.berth.gateway.resilience.Admission.Permit;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/**
 * Gets an exchange a connection to its backend. When the backend accepts none, it is asked again and again for the time
 * that its guard allows, so that a request waits for a service that is being restarted. Nothing of the request has been
 * sent then, so this is safe for every request. Confined to the event loop.
 */
final class Connecting implements BackendPool.Waiter {
    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 250;

    private final Connector pool;
    private final EventLoop loop;
    private final Permit permit;
    private final Waiter exchange;
    private long pauseMillis = FIRST_PAUSE_MILLIS;

    /** Who waits. */
    interface Waiter extends BackendPool.Waiter {
        /** Whether a connection is no longer wanted. */
        boolean isDone();
    }

    Connecting(Connector pool, EventLoop loop, Permit permit, Waiter exchange) {
        this.pool = pool;
        this.loop = loop;
        this.permit = permit;
        this.exchange = exchange;
    }

    /** Takes a kept connection or makes one. */
    void start() {
        pool.acquire(this);
    }

    /** Makes a connection that has never been used, after a pause. */
    void startAnew(boolean soon) {
        var _ = loop.schedule(() -> connectAgain(), soon ? 0 : FIRST_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void connectAgain() {
        if (!exchange.isDone()) {
            pool.connect(this);
        }
    }

    @Override
    public void connected(BackendConnection connection) {
        permit.connected();
        exchange.connected(connection);
    }

    @Override
    public void connectFailed(Throwable cause) {
        if (exchange.isDone()) {
            return;
        }
        if (permit.refusedConnection()) {
            var _ = loop.schedule(this::connectAgain, pauseMillis, TimeUnit.MILLISECONDS);
            pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
        } else {
            exchange.connectFailed(cause);
        }
    }

    @Override
    public void lost(Unavailable error) {
        exchange.lost(error);
    }
}
