package io.berth.buildkit.transport;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * gRPC over streams that somebody else has opened: a {@link Connection} is copied to and from an in-process channel, whose other
 * end is gRPC's. Either side of gRPC can be there: {@link #serve} for clients that call us, {@link #call} for those that want
 * to be called. HTTP/2 begins at once on both («prior knowledge»), as after Docker's {@code Upgrade: h2c}.
 *
 * <p>Memory per connection is bounded: by HTTP/2's windows towards us, and towards the other side by what the in-process
 * channel lets be outstanding. All channels live on one thread.
 */
public final class StreamTransport implements AutoCloseable {
    private static final long CONNECT_SECONDS = 20;
    private static final int MAX_MESSAGE_BYTES = 16 << 20;
    private static final int MAX_HEADER_BYTES = 64 * 1024;
    private static final int WINDOW_BYTES = 1 << 20;
    private static final int MAX_CALLS = 100;
    private static final int MAX_RESETS = 200;
    private static final int RESETS_SECONDS = 30;

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("buildkit-grpc", true), LocalIoHandler.newFactory());
    private final LocalAddress address = new LocalAddress(StreamTransport.class);

    /** Opens nothing yet. */
    public StreamTransport() {}

    /**
     * What to build the server of {@link #serve}'s connections with: it needs services and an executor, and to be started.
     * Messages are limited to BuildKit's 16 MiB.
     */
    public NettyServerBuilder serverBuilder() {
        return NettyServerBuilder.forAddress(address)
                .channelFactory(LinkingServerChannel::new)
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .maxInboundMetadataSize(MAX_HEADER_BYTES)
                .initialFlowControlWindow(WINDOW_BYTES)
                .maxConcurrentCallsPerConnection(MAX_CALLS)
                .maxRstFramesPerWindow(MAX_RESETS, RESETS_SECONDS)
                .handshakeTimeout(CONNECT_SECONDS, TimeUnit.SECONDS);
    }

    /** An address that no other connection has. */
    public SocketAddress newAddress() {
        return new LocalAddress(StreamRelay.class);
    }

    /**
     * Lets a client call our server; returns when the connection is over, of which its calls are told.
     *
     * @param from what the server sees as the client's address, from {@link #newAddress}
     * @throws IOException when there is no server, or none any more
     */
    public void serve(Connection connection, SocketAddress from) throws IOException, InterruptedException {
        StreamRelay relay = new StreamRelay();
        ChannelFuture connected = new Bootstrap()
                .group(loop)
                .channel(LocalChannel.class)
                .handler(relay)
                .connect(address, from)
                .await();
        if (!connected.isSuccess()) {
            connection.ended().close();
            throw new IOException("builds are not served", connected.cause());
        }
        relay.run(connected.channel(), connection);
    }

    /**
     * Lets us call a client; returns when the connection is over.
     *
     * @param use given the channel for calls, once; it must not block. Calls fail when the connection ends.
     */
    public void call(Connection connection, Consumer<ManagedChannel> use) throws IOException, InterruptedException {
        CompletableFuture<Channel> accepted = new CompletableFuture<>();
        StreamRelay relay = new StreamRelay();
        LocalAddress own = new LocalAddress(StreamRelay.class);
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channelFactory(LinkingServerChannel::new)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (accepted.complete(channel)) {
                            channel.pipeline().addLast(relay);
                        } else {
                            // gRPC connects again when the connection is over, but there is only this one.
                            var _ = channel.close();
                        }
                    }
                })
                .bind(own)
                .await();
        ManagedChannel channel = client(own);
        try {
            use.accept(channel);
            // Connects even before the first call: the other side waits for HTTP/2's preface.
            var _ = channel.getState(true);
            relay.run(accepted.get(CONNECT_SECONDS, TimeUnit.SECONDS), connection);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("cannot connect to the session", e);
        } finally {
            var _ = bound.channel().close();
            channel.shutdownNow();
            connection.ended().close();
        }
    }

    private ManagedChannel client(SocketAddress own) {
        return NettyChannelBuilder.forAddress(own)
                .channelFactory(BoundedLocalChannel::new)
                .eventLoopGroup(loop)
                .usePlaintext()
                .directExecutor()
                .overrideAuthority("localhost")
                .disableRetry()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .maxInboundMetadataSize(MAX_HEADER_BYTES)
                .flowControlWindow(WINDOW_BYTES)
                .build();
    }

    @Override
    public void close() {
        var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
