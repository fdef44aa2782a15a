package io.berth.gateway.proxy;

import io.netty.channel.ChannelHandlerContext;
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

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object input) throws Exception {
        bytesSeen = true;
        super.channelRead(ctx, input);
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        return answersHead || super.isContentAlwaysEmpty(message);
    }
}
