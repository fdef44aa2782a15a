package io.berth.gateway.proxy;

import io.berth.docker.error.Unavailable;
import io.berth.gateway.transport.PageReads;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpRequestEncoder;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The idle connections of one event loop to one backend, newest first. Confined to that event loop, so it needs no locks
 * and an exchange never changes threads.
 */
final class BackendPool implements Connector {
    /** Shorter than the keep-alive timeout of the services (20 s and more), so that they rarely close first. */
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final int BUSY_TRIES = 20;
    private static final long BUSY_WAIT_MILLIS = 10;

    private final Bootstrap bootstrap;
    private final SocketAddress address;
    private final EventLoop loop;
    private final Supplier<PageReads> reads;
    private final int maxIdle;
    private final Deque<BackendConnection> idle = new ArrayDeque<>();
    private boolean sweeping;
    /** For other threads; written by the event loop alone. */
    private volatile int idleCount;

    BackendPool(Bootstrap bootstrap, SocketAddress address, EventLoop loop, Supplier<PageReads> reads, int maxIdle) {
        this.reads = reads;
        this.bootstrap = bootstrap;
        this.address = address;
        this.loop = loop;
        this.maxIdle = maxIdle;
    }

    /** What waits for a connection. */
    interface Waiter {
        /** The waiter owns the connection now and must release or close it. */
        void connected(BackendConnection connection);

        void connectFailed(Throwable cause);

        /** The node that was to answer is lost; only {@link NodeCall} tells this. */
        default void lost(Unavailable error) {}
    }

    /** Hands out an idle connection at once or a new one when it is connected. */
    @Override
    public void acquire(Waiter waiter) {
        while (true) {
            BackendConnection connection = idle.pollLast();
            idleCount = idle.size();
            if (connection == null) {
                connect(waiter);
                return;
            }
            if (connection.isUsable()) {
                waiter.connected(connection);
                return;
            }
            connection.close();
        }
    }

    @Override
    public void connect(Waiter waiter) {
        connect(waiter, BUSY_TRIES);
    }

    private void connect(Waiter waiter, int triesLeft) {
        PageReads own = reads.get();
        ChannelFuture connecting = bootstrap
                .clone()
                .option(ChannelOption.RECVBUF_ALLOCATOR, own)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        BackendResponseDecoder decoder = new BackendResponseDecoder();
                        HttpRequestEncoder encoder = new HttpRequestEncoder();
                        channel.pipeline()
                                .addLast(
                                        decoder,
                                        encoder,
                                        new BackendConnection(BackendPool.this, channel, decoder, encoder, own));
                    }
                })
                .connect(address);
        connecting.addListener(_ -> {
            Throwable cause = connecting.cause();
            if (cause == null) {
                waiter.connected(connecting.channel().pipeline().get(BackendConnection.class));
            } else if (isBacklogFull(cause) && triesLeft > 1) {
                var _ = loop.schedule(() -> connect(waiter, triesLeft - 1), BUSY_WAIT_MILLIS, TimeUnit.MILLISECONDS);
            } else {
                waiter.connectFailed(cause);
            }
        });
    }

    /** A non-blocking connect to a Unix socket whose backlog is full fails at once with EAGAIN (unix(7)). */
    private static boolean isBacklogFull(Throwable cause) {
        String message = cause.getMessage();
        return message != null && message.contains("temporarily unavailable");
    }

    /** Takes back a connection whose exchange ended cleanly. */
    void release(BackendConnection connection) {
        if (!connection.isUsable() || idle.size() >= maxIdle) {
            connection.close();
            return;
        }
        connection.becomeIdle();
        idle.addLast(connection);
        idleCount = idle.size();
        sweepLater();
    }

    /** Forgets an idle connection that has closed. */
    void forget(BackendConnection connection) {
        idle.remove(connection);
        idleCount = idle.size();
    }

    /** Connections that wait to be used; may be asked by any thread. */
    int idleCount() {
        return idleCount;
    }

    private void sweepLater() {
        if (!sweeping) {
            sweeping = true;
            var _ = loop.schedule(this::sweep, IDLE_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    private void sweep() {
        sweeping = false;
        long now = System.nanoTime();
        @Nullable BackendConnection oldest;
        while ((oldest = idle.peekFirst()) != null && now - oldest.idleSinceNanos() >= IDLE_NANOS) {
            idle.removeFirst();
            oldest.close();
        }
        idleCount = idle.size();
        if (!idle.isEmpty()) {
            sweepLater();
        }
    }
}
