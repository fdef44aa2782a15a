package io.berth.gateway.proxy;

import io.berth.gateway.transport.PageReads;
import io.berth.unixhttp.HeapWatch;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.ReferenceCountUtil;
import java.io.EOFException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to a backend, either idle in its pool or owned by one {@link Exchange}, whose events it passes on.
 * Confined to its event loop.
 */
final class BackendConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(BackendConnection.class);

    private final BackendPool pool;
    private final Channel channel;
    private final BackendResponseDecoder decoder;
    private final HttpRequestEncoder encoder;
    private final PageReads reads;
    private @Nullable Exchange exchange;
    private boolean reused;
    private boolean inputEnded;
    private long idleSinceNanos;

    BackendConnection(
            BackendPool pool,
            Channel channel,
            BackendResponseDecoder decoder,
            HttpRequestEncoder encoder,
            PageReads reads) {
        this.reads = reads;
        this.pool = pool;
        this.channel = channel;
        this.decoder = decoder;
        this.encoder = encoder;
    }

    /** Gives the connection to an exchange and starts to read the response. */
    void begin(Exchange owner, boolean head) {
        exchange = owner;
        decoder.expect(head);
        channel.read();
    }

    /** Writes a part of the request; failures come back as {@link RequestPassage#refuse}. */
    void write(Object message) {
        var _ = channel.write(message, channel.voidPromise());
    }

    void flush() {
        channel.flush();
    }

    void read() {
        channel.read();
    }

    /**
     * The rest of the current body has a known length and is not parsed any more: it may be taken from the socket past this connection.
     */
    void passBody(long rest) {
        decoder.pass(rest);
        reads.only(true);
    }

    /** What is left of a body after {@link #passBody}. */
    long bodyRest() {
        return decoder.rest();
    }

    /** So many bytes of it were taken from the socket. */
    void bodyTaken(int bytes) {
        decoder.taken(bytes);
    }

    boolean isWritable() {
        return channel.isWritable();
    }

    boolean isUsable() {
        return channel.isActive() && !inputEnded;
    }

    /** Whether it has served an exchange before, so that the backend may have closed it meanwhile. */
    boolean reused() {
        return reused;
    }

    /** Whether the backend has begun to answer the current exchange. */
    boolean answered() {
        return decoder.bytesSeen();
    }

    long idleSinceNanos() {
        return idleSinceNanos;
    }

    void becomeIdle() {
        reads.only(false);
        exchange = null;
        reused = true;
        idleSinceNanos = System.nanoTime();
        // Only a pending read notices that the backend closes the connection.
        channel.read();
    }

    /** Closes the connection; its exchange hears nothing of it. */
    void close() {
        exchange = null;
        var _ = channel.close();
    }

    /** Leaves the connection to raw bytes: afterwards the relay alone handles it. */
    void becomeRaw(RawRelay relay) {
        exchange = null;
        channel.pipeline().addLast(relay);
        channel.pipeline().remove(encoder);
        channel.pipeline().remove(this);
        // Last, because the decoder hands on the bytes that it holds when it goes.
        channel.pipeline().remove(decoder);
        if (inputEnded) {
            relay.inputEnded();
        }
    }

    void giveBack() {
        pool.release(this);
    }

    Channel channel() {
        return channel;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Exchange owner = exchange;
        if (owner == null) {
            ReferenceCountUtil.release(message);
            // Nobody asked: what follows could be taken for the answer to the next request.
            close();
        } else if (message instanceof HttpResponse head) {
            owner.response().head(head);
        } else if (message instanceof HttpContent content) {
            owner.response().content(content);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.response().readComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null && channel.isWritable()) {
            exchange.request().backendWritable();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            ended(new EOFException("the backend closed the connection"));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ended(new EOFException("the backend closed the connection"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A failed write leaves the answer readable; a failed read is followed by the end of the channel.
        if (cause instanceof IOException && exchange != null && channel.isActive()) {
            exchange.request().refuse();
        } else {
            if (!(cause instanceof IOException) && !HeapWatch.ofProcess().isOutOfMemory(cause)) {
                LOG.atWarn().setCause(cause).log("backend connection failed");
            }
            ended(cause);
        }
    }

    private void ended(Throwable cause) {
        Exchange owner = exchange;
        if (owner == null) {
            pool.forget(this);
            close();
        } else {
            owner.backendEnded(cause);
        }
    }
}
