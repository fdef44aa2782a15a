package io.berth.buildkit.transport;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.local.LocalChannel;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * gRPC's end of an in-process connection, whose writes wait for the reader. A plain {@link LocalChannel} hands everything over
 * at once, so that it is always writable, and a client that sends requests without reading answers would fill the memory.
 *
 * <p>The other end reports what it has got with {@link #given}, which is at once since both live on one event loop, and its
 * reader what it has taken with {@link #taken}.
 */
final class BoundedLocalChannel extends LocalChannel {
    private static final long MAX_OUTSTANDING_BYTES = 1 << 20;

    private final AtomicLong outstanding = new AtomicLong();

    /** Null while the superclass is constructed. */
    private final @Nullable ChannelConfig config = new DefaultChannelConfig(this) {
        @Override
        public <T> boolean setOption(ChannelOption<T> option, T value) {
            // gRPC sets it on every channel, and Netty warns where it means nothing.
            return option.equals(ChannelOption.SO_KEEPALIVE) || super.setOption(option, value);
        }
    };

    /** For connecting. */
    BoundedLocalChannel() {}

    /** The accepted end of a connection. */
    BoundedLocalChannel(LinkingServerChannel parent, LocalChannel peer) {
        super(parent, peer);
    }

    @Override
    public ChannelConfig config() {
        return config == null ? super.config() : config;
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) throws Exception {
        if (outstanding.get() >= MAX_OUTSTANDING_BYTES) {
            // What stays in the buffer makes this channel unwritable; taken() goes on with it.
            return;
        }
        super.doWrite(in);
    }

    /** The other end has got bytes, on the event loop. */
    void given(long bytes) {
        outstanding.addAndGet(bytes);
    }

    /** The reader has taken bytes away. Any thread. */
    void taken(long bytes) {
        long left = outstanding.addAndGet(-bytes);
        if (left < MAX_OUTSTANDING_BYTES && left + bytes >= MAX_OUTSTANDING_BYTES) {
            eventLoop().execute(() -> {
                if (isActive()) {
                    unsafe().flush();
                }
            });
        }
    }
}
