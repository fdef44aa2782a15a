package io.berth.gateway.proxy;

import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Bounds the connections that are open over the network, so that they cannot use up the process's files. Thread-safe. */
final class ConnectionLimit {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionLimit.class);
    private static final long LOG_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final int most;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong logged = new AtomicLong(System.nanoTime() - LOG_EVERY_NANOS);

    ConnectionLimit(int most) {
        this.most = most;
    }

    /** Connections that are open now. */
    int open() {
        return open.get();
    }

    /** Counts a connection until it closes, or closes it because there are too many. */
    boolean admit(Channel channel) {
        if (open.incrementAndGet() > most) {
            open.decrementAndGet();
            var _ = channel.close();
            long now = System.nanoTime();
            long last = logged.get();
            if (now - last >= LOG_EVERY_NANOS && logged.compareAndSet(last, now)) {
                LOG.atWarn().addKeyValue("connections", most).log("connections over the network are refused");
            }
            return false;
        }
        channel.closeFuture().addListener(_ -> open.decrementAndGet());
        return true;
    }
}
