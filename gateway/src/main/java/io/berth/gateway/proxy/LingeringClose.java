package io.berth.gateway.proxy;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * Ends a client's connection after a response without destroying it: closing a socket with unread input resets the
 * connection, and the client may lose what it has not read yet. So the output ends first, and input is read and dropped
 * until the client closes or a short time has passed.
 */
final class LingeringClose extends ChannelInboundHandlerAdapter {
    private static final long PATIENCE_SECONDS = 3;

    /** Becomes the last handler of a channel whose other handlers are gone or about to go. */
    void start(Channel channel, boolean inputEnded) {
        var _ = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> {
            if (inputEnded || !channel.isActive() || !(channel instanceof DuplexChannel duplex)) {
                var _ = channel.close();
                return;
            }
            TlsEnds.endOutput(duplex);
            channel.read();
            // Counted from the moment when the response is on its way, so a slow reader gets all of it.
            var timeout = channel.eventLoop()
                    .schedule(
                            () -> {
                                var _ = channel.close();
                            },
                            PATIENCE_SECONDS,
                            TimeUnit.SECONDS);
            channel.closeFuture().addListener(_ -> timeout.cancel(false));
        });
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.read();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            // Behind what is still being written.
            var _ = ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> {
                var _ = ctx.close();
            });
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        var _ = ctx.close();
    }
}
