package io.berth.gateway.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Event loops, channel kinds and the buffer allocator of the data plane.
 *
 * <p>Native epoll is used where its library loads. The NIO fallback cannot tell a half-closed Unix socket from a closed
 * one, so there an attached client that ends its input loses the rest of the output; the start-up log says so.
 */
public final class Transport implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);

    private static final int BACKLOG = 1024;
    private static final int PAGE_SIZE = 8192;
    /** Chunks of 8192 << 7 = 1 MiB, so that an idle gateway keeps little memory. */
    private static final int MAX_ORDER = 7;
    /** A connection's unsent bytes: reading from its other side stops above the second and goes on below the first. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 * 1024, 256 * 1024);

    private final EventLoopGroup loops;
    private final PooledByteBufAllocator allocator;
    private final boolean epoll;

    private Transport(boolean epoll, int loopCount) {
        this.epoll = epoll;
        this.loops = new MultiThreadIoEventLoopGroup(
                loopCount,
                new DefaultThreadFactory("gateway"),
                epoll ? HalfClosedEpoll.newFactory() : NioIoHandler.newFactory());
        // One direct arena per loop; no heap arenas, since everything read is written to a socket again.
        this.allocator = new PooledByteBufAllocator(
                true,
                0,
                loopCount,
                PAGE_SIZE,
                MAX_ORDER,
                PooledByteBufAllocator.defaultSmallCacheSize(),
                PooledByteBufAllocator.defaultNormalCacheSize(),
                false);
    }

    /**
     * Starts the event loops.
     *
     * @param loopCount number of threads, at least 1
     */
    public static Transport open(int loopCount) {
        boolean epoll = Epoll.isAvailable();
        if (!epoll) {
            LOG.atWarn()
                    .setCause(Epoll.unavailabilityCause())
                    .log("native epoll does not load: half-closed streams over unix sockets end early");
        }
        return new Transport(epoll, loopCount);
    }

    /** NIO even where epoll is available, to test the fallback. */
    static Transport nio(int loopCount) {
        return new Transport(false, loopCount);
    }

    /** Accepts TCP connections; the child handler is the caller's to set. */
    public ServerBootstrap tcpServer() {
        ChannelFactory<ServerChannel> channels = epoll ? EpollServerSocketChannel::new : NioServerSocketChannel::new;
        return server(channels)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true);
    }

    /** Accepts connections on a Unix socket; the child handler is the caller's to set. */
    public ServerBootstrap unixServer() {
        ChannelFactory<ServerChannel> channels =
                epoll ? EpollServerDomainSocketChannel::new : NioServerDomainSocketChannel::new;
        ServerBootstrap server = server(channels);
        return epoll ? server.childOption(ChannelOption.ALLOW_HALF_CLOSURE, true) : server;
    }

    private ServerBootstrap server(ChannelFactory<ServerChannel> channels) {
        return new ServerBootstrap()
                .group(loops)
                .channelFactory(channels)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, readBuffers())
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
    }

    /** How much one read takes: it follows what arrives, but a usual message head always fits. */
    private static RecvByteBufAllocator readBuffers() {
        return new AdaptiveRecvByteBufAllocator(2048, 4096, 64 * 1024);
    }

    /** How much one read of one channel takes, which it may limit to a page. */
    public PageReads pageReads() {
        return new PageReads(readBuffers());
    }

    /** Connects to Unix sockets on one event loop; the handler is the caller's to set. */
    public Bootstrap unixClient(EventLoop loop, Duration connectTimeout) {
        ChannelFactory<Channel> channels = epoll ? EpollDomainSocketChannel::new : NioDomainSocketChannel::new;
        Bootstrap client = new Bootstrap()
                .group(loop)
                .channelFactory(channels)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(connectTimeout.toMillis()))
                .option(ChannelOption.ALLOCATOR, allocator)
                .option(ChannelOption.RECVBUF_ALLOCATOR, readBuffers())
                .option(ChannelOption.AUTO_READ, false)
                // A backend may answer and close before it has read the whole request: its answer must stay readable.
                .option(ChannelOption.AUTO_CLOSE, false)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
        return epoll ? client.option(ChannelOption.ALLOW_HALF_CLOSURE, true) : client;
    }

    /** The address form that this transport's Unix channels take. */
    public SocketAddress unixAddress(Path socket) {
        return epoll ? new DomainSocketAddress(socket.toString()) : UnixDomainSocketAddress.of(socket);
    }

    /** One of the event loops. */
    public EventLoop nextLoop() {
        return loops.next();
    }

    /** Bytes of direct memory that the pool holds. */
    public long directMemory() {
        return allocator.metric().usedDirectMemory();
    }

    public boolean epoll() {
        return epoll;
    }

    /** Closes every connection and ends the event loops; returns when they have ended or after 5 seconds. */
    @Override
    public void close() {
        var _ = loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
}
