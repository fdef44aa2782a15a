package io.berth.gateway.proxy;

import io.berth.gateway.access.AnswerFilter;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** An answer of which the client sees a part: it is gathered, up to a limit, and sent on with what is left. */
final class FilteredAnswer {
    private final HttpResponse head;
    private final AnswerFilter filter;
    private final ByteArrayOutputStream whole = new ByteArrayOutputStream();
    /** As it came, the part that is seen, and that part while it grows. */
    private static final int COPIES = 4;

    private ByteBuffer seen = ByteBuffer.allocate(0);

    FilteredAnswer(HttpResponse head, AnswerFilter filter) {
        this.head = head;
        this.filter = filter;
    }

    /** Takes over the next part; false when it has become too large. */
    boolean take(HttpContent part) {
        try {
            if (whole.size() + part.content().readableBytes() > AnswerFilter.MAX_BYTES) {
                return false;
            }
            part.content().readBytes(whole, part.content().readableBytes());
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException("a buffer in memory failed", e);
        } finally {
            part.release();
        }
    }

    /** Bytes that filtering takes. */
    long memory() {
        return COPIES * (long) whole.size();
    }

    /** @throws RuntimeException when the filter cannot read the answer */
    void seen() {
        seen = filter.seen(ByteBuffer.wrap(whole.toByteArray()));
        head.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
        head.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, seen.remaining());
    }

    HttpResponse head() {
        return head;
    }

    HttpContent body() {
        return new DefaultLastHttpContent(Unpooled.wrappedBuffer(seen));
    }
}
