package io.berth.gateway.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.function.IntConsumer;

/**
 * One direction of a hijacked connection: what its channel reads is written to the peer. The end of input is passed on as
 * the end of the peer's output, after everything before it; when both directions have ended, both channels close.
 *
 * <p>A channel is read only while its peer takes bytes, so that a slow receiver slows the sender and nothing piles up.
 */
final class RawRelay extends ChannelInboundHandlerAdapter {
    private final Channel channel;
    private final Channel peer;
    private final IntConsumer counter;
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean peerRefuses;

    private RawRelay(Channel channel, Channel peer, IntConsumer counter) {
        this.channel = channel;
        this.peer = peer;
        this.counter = counter;
    }

    /**
     * The relay that reads from a channel and writes to its peer; each channel needs one.
     *
     * @param counter is told how many bytes pass
     */
    static RawRelay between(Channel channel, Channel peer, IntConsumer counter) {
        return new RawRelay(channel, peer, counter);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes && !peerRefuses) {
            counter.accept(bytes.readableBytes());
            var _ = peer.write(message).addListener(written -> {
                if (!written.isSuccess()) {
                    peerRefuses();
                }
            });
        } else {
            // The end-of-response marker of the codec that was just removed, or bytes that nobody takes.
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        peer.flush();
        if (peer.isWritable() || peerRefuses) {
            channel.read();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable()) {
            peer.read();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded();
        }
    }

    /** Passes the end of this channel's input on to the peer. */
    void inputEnded() {
        if (inputEnded) {
            return;
        }
        inputEnded = true;
        var _ = peer.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> {
            if (peer instanceof DuplexChannel duplex && peer.isActive() && !duplex.isOutputShutdown()) {
                TlsEnds.endOutput(duplex);
            }
            outputEnded();
        });
    }

    /** Nothing more goes to the peer; what this channel still sends is dropped, as a pipe without reader would. */
    private void peerRefuses() {
        if (!peerRefuses) {
            peerRefuses = true;
            outputEnded();
            channel.read();
        }
    }

    private void outputEnded() {
        outputEnded = true;
        RawRelay other = peer.pipeline().get(RawRelay.class);
        if (other == null || other.outputEnded) {
            var _ = channel.close();
            var _ = peer.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        // The channel takes nothing more either: the peer gets what is on its way to it and is closed.
        var _ = peer.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> {
            var _ = peer.close();
        });
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A failed write reaches the peer's relay through its future; a failed read ends in channelInactive.
        if (!(cause instanceof IOException)) {
            var _ = channel.close();
        }
    }
}
