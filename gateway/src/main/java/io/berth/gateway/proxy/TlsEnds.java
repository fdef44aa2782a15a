package io.berth.gateway.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/**
 * Makes the end of one direction of an encrypted connection (RFC 8446, 6.1) look like that of a plain one. Before TLS 1.3
 * the end of one direction was the end of both. Stands behind the {@link SslHandler}.
 */
final class TlsEnds extends ChannelInboundHandlerAdapter {
    private boolean inputEnded;

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        boolean ends = event instanceof SslCloseCompletionEvent || event instanceof ChannelInputShutdownEvent;
        if (!ends) {
            ctx.fireUserEventTriggered(event);
        } else if (!inputEnded) {
            inputEnded = true;
            ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    /** Ends the output of a channel, behind what is on its way; encrypted ones say so to their peer. */
    static void endOutput(DuplexChannel channel) {
        SslHandler tls = tlsOf(channel);
        if (tls == null) {
            var _ = channel.shutdownOutput();
        } else {
            var _ = tls.closeOutbound().addListener(_ -> {
                if (channel.isActive() && !channel.isOutputShutdown()) {
                    var _ = channel.shutdownOutput();
                }
            });
        }
    }

    private static @Nullable SslHandler tlsOf(Channel channel) {
        return channel.pipeline().get(SslHandler.class);
    }
}
