package io.berth.gateway.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponseDecoder;

/** Decodes a backend's responses, knowing which of them have no body because a HEAD request asked for them. */
final class BackendResponseDecoder extends HttpResponseDecoder {
    /** Largest piece of a body that is passed on at once. */
    static final int MAX_PIECE = 64 * 1024;

    private static final int MAX_STATUS_LINE = 8 * 1024;
    private static final int MAX_HEADERS = 128 * 1024;

    private boolean answersHead;
    private boolean bytesSeen;
    private long rest;

    BackendResponseDecoder() {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_STATUS_LINE)
                .setMaxHeaderSize(MAX_HEADERS)
                .setMaxChunkSize(MAX_PIECE)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true)
                .setAllowDuplicateContentLengths(false));
    }

    /** Prepares for the response to one request. */
    void expect(boolean head) {
        answersHead = head;
        bytesSeen = false;
    }

    /** Whether any byte arrived since {@link #expect}. */
    boolean bytesSeen() {
        return bytesSeen;
    }

    /**
     * The current body, of which everything that was read has been handed on, has so many more bytes. They are handed on as they are read, or
     * {@linkplain #taken taken} from the socket past this decoder; behind them the next response begins.
     *
     * @param bytes above 0
     */
    void pass(long bytes) {
        rest = bytes;
        reset();
    }

    /** What is left of the body. */
    long rest() {
        return rest;
    }

    /** So many bytes went another way. */
    void taken(int bytes) {
        rest -= bytes;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object input) throws Exception {
        bytesSeen = true;
        if (rest > 0 && input instanceof ByteBuf bytes) {
            pass(ctx, bytes);
        } else {
            super.channelRead(ctx, input);
        }
    }

    private void pass(ChannelHandlerContext ctx, ByteBuf bytes) throws Exception {
        if (bytes.readableBytes() < rest) {
            rest -= bytes.readableBytes();
            ctx.fireChannelRead(new DefaultHttpContent(bytes));
            return;
        }
        ByteBuf end = bytes.readRetainedSlice((int) rest);
        rest = 0;
        ctx.fireChannelRead(new DefaultLastHttpContent(end));
        if (bytes.isReadable() && !ctx.isRemoved()) {
            super.channelRead(ctx, bytes);
        } else {
            bytes.release();
        }
    }

    /** The superclass would read on when it has handed nothing on itself. */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        if (rest > 0) {
            ctx.fireChannelReadComplete();
        } else {
            super.channelReadComplete(ctx);
        }
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        return answersHead || super.isContentAlwaysEmpty(message);
    }
}
