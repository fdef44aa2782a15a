package io.berth.gateway.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one request at a time: behind the end of a request it stops until {@link #next()} and keeps what follows as
 * bytes. So pipelined requests wait their turn, and what a client sends behind a hijack request is never mistaken for
 * HTTP: it leaves this handler as it came when the handler is removed.
 */
final class RequestDecoder extends HttpRequestDecoder {
    private @Nullable ChannelHandlerContext context;
    private boolean stopped;
    private boolean inputEnded;
    /** Whether anything was handed on since the last read ended. */
    private boolean decoded;
    /** Whether a request's first bytes have arrived and its head has not. */
    private boolean headBegun;
    /** Whether the head has arrived and the end has not. */
    private boolean inBody;

    /**
     * @param maxHead bytes of the request line, and of all headers
     */
    RequestDecoder(int maxHead) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(maxHead)
                .setMaxHeaderSize(maxHead)
                .setMaxChunkSize(BackendResponseDecoder.MAX_PIECE)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true)
                .setAllowDuplicateContentLengths(false));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    /** Whether bytes wait behind the current request. */
    boolean holdsInput() {
        return actualReadableBytes() > 0;
    }

    /** Whether a request's first bytes have arrived and its head has not. */
    boolean headBegun() {
        return headBegun;
    }

    /** Whether the client has ended its input. */
    boolean inputEnded() {
        return inputEnded;
    }

    /** Goes on to the next request, first with what has already been read. */
    void next() {
        stopped = false;
        ChannelHandlerContext ctx = context;
        if (ctx != null && (holdsInput() || inputEnded)) {
            // Not now: this may run inside the decoding loop, which must not be entered twice.
            ctx.executor().execute(() -> decodeHeld(ctx));
        }
    }

    private void decodeHeld(ChannelHandlerContext ctx) {
        if (ctx.isRemoved() || stopped) {
            return;
        }
        try {
            if (holdsInput()) {
                channelRead(ctx, Unpooled.EMPTY_BUFFER);
                ctx.fireChannelReadComplete();
            }
            if (inputEnded && !stopped && !ctx.isRemoved()) {
                super.userEventTriggered(ctx, ChannelInputShutdownEvent.INSTANCE);
            }
        } catch (Exception e) {
            ctx.fireExceptionCaught(e);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out) throws Exception {
        if (stopped) {
            return;
        }
        if (!inBody && buffer.isReadable()) {
            headBegun = true;
        }
        super.decode(ctx, buffer, out);
        if (!out.isEmpty()) {
            decoded = true;
            headBegun = false;
            Object last = out.getLast();
            inBody = !(last instanceof LastHttpContent);
            stopped = last instanceof LastHttpContent
                    || (last instanceof HttpObject object
                            && object.decoderResult().isFailure());
        }
    }

    @Override
    protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
        requireOneSpace(line, start);
        return super.splitSecondWordInitialLine(line, start, length);
    }

    @Override
    protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
        requireOneSpace(line, start);
        return super.splitThirdWordInitialLine(line, start, length);
    }

    /** The superclass takes any white space; where one server sees a word, another could see two (RFC 9112, 3). */
    private static void requireOneSpace(byte[] line, int start) {
        if (line[start - 1] != ' ' || line[start - 2] <= ' ') {
            throw new IllegalArgumentException("the words of a request line are separated by one space");
        }
    }

    /**
     * Replaces the superclass's rule: it would go on reading while this handler holds bytes back, and it takes what was
     * decoded before a stop for what was decoded since.
     */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        discardSomeReadBytes();
        if (!stopped && !decoded) {
            ctx.read();
        }
        decoded = false;
        ctx.fireChannelReadComplete();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            if (stopped) {
                // The superclass would drop the requests that still wait.
                ctx.fireUserEventTriggered(event);
                return;
            }
        }
        super.userEventTriggered(ctx, event);
    }
}
