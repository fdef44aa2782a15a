package io.berth.gateway.proxy;

import io.berth.gateway.route.ErrorShape;
import io.berth.gateway.route.Route;
import io.netty.channel.EventLoop;

/** Holds one client's requests to {@link ClientLimits}, one after the other. Confined to an event loop. */
final class RequestLimits {
    private final ClientLimits limits;
    private final RequestPatience patience;
    private long bodyBytes;
    private long mostBytes = Long.MAX_VALUE;
    private long silenceNanos;

    /**
     * @param tooSlow what happens when a request does not arrive in time
     */
    RequestLimits(ClientLimits limits, EventLoop loop, Runnable tooSlow) {
        this.limits = limits;
        this.patience = new RequestPatience(loop, tooSlow);
    }

    /** The first bytes of a head have come, now or earlier. */
    void headBegun() {
        patience.begin(limits.headTime().toNanos());
    }

    /** A head is complete. */
    void headArrived() {
        patience.rest();
        bodyBytes = 0;
        mostBytes = Long.MAX_VALUE;
        silenceNanos = 0;
    }

    /** The request's body has the limits of its route from now on. */
    void apply(Route route) {
        mostBytes = route.longRunning() ? Long.MAX_VALUE : limits.bodyBytes();
        // Who streams an archive to Docker may be waiting for the program that makes it.
        silenceNanos = route.longRunning() && route.errors() == ErrorShape.DOCKER
                ? 0
                : limits.bodySilence().toNanos();
    }

    /** Whether a body of a length that was announced is refused. */
    boolean tooLarge(long announced) {
        return announced > mostBytes;
    }

    /** Counts a part of the body; true when there are too many bytes of it now. */
    boolean counted(int bytes) {
        patience.rest();
        bodyBytes += bytes;
        return bodyBytes > mostBytes;
    }

    /** More of the body is waited for. */
    void bodyAwaited() {
        if (silenceNanos > 0) {
            patience.again(silenceNanos);
        }
    }

    /** No timer is left. */
    void stop() {
        patience.stop();
    }
}
