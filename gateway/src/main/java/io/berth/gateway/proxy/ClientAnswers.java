package io.berth.gateway.proxy;

import io.berth.gateway.metrics.CallIds;
import io.berth.gateway.route.ErrorShape;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Writes the answers of one client's requests, one after the other, as the client and its request want them: with or without chunks, in
 * Docker's or the registry's shape of errors, and saying whether the connection goes on. Confined to its event loop.
 */
final class ClientAnswers {
    private final Channel channel;
    private final ClientResponseEncoder encoder;
    private ErrorShape errors = ErrorShape.DOCKER;
    private @Nullable CallIds ids;
    private boolean keepAlive;
    private boolean byPage;
    private boolean oldClient;

    ClientAnswers(Channel channel, ClientResponseEncoder encoder) {
        this.channel = channel;
        this.encoder = encoder;
    }

    /** The answer to a request is next. */
    void begin(HttpRequest head) {
        ids = null;
        errors = head.uri().startsWith("/v2/") ? ErrorShape.REGISTRY : ErrorShape.DOCKER;
        encoder.answersHead(head.method().equals(HttpMethod.HEAD));
        oldClient = !head.protocolVersion().equals(HttpVersion.HTTP_1_1);
        // A client of HTTP/1.0 cannot read chunks, so the end of the connection ends its response.
        keepAlive = !oldClient && HttpUtil.isKeepAlive(head);
    }

    /** By which the call is followed. */
    void named(CallIds names) {
        ids = names;
    }

    /** A page of the dashboard asks, whose browser must not ask for a password. */
    void forPage(boolean page) {
        byPage = page;
    }

    /** How errors look to who calls this route. */
    void shape(ErrorShape shape) {
        errors = shape;
    }

    /** The connection ends with this answer. */
    void last() {
        keepAlive = false;
    }

    boolean keepsAlive() {
        return keepAlive;
    }

    String requestId() {
        return ids == null ? RequestIds.anew() : ids.requestId();
    }

    /** Passes on {@code 100 Continue} and the like. */
    void interim(FullHttpResponse response) {
        if (oldClient) {
            response.release();
        } else {
            var _ = channel.writeAndFlush(response, channel.voidPromise());
        }
    }

    /** Asks for the body where nobody behind the gateway does. */
    void goOn() {
        interim(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }

    /** Begins a backend's answer. */
    void head(HttpResponse head) {
        head.headers().set(RequestIds.REQUEST_ID, requestId());
        if (byPage) {
            head.headers().remove(HttpHeaderNames.WWW_AUTHENTICATE);
        }
        if (oldClient && HttpUtil.isTransferEncodingChunked(head)) {
            HttpUtil.setTransferEncodingChunked(head, false);
        }
        if (!keepAlive) {
            head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        part(head);
    }

    /** Writes a part of an answer, to be flushed. */
    void part(Object message) {
        var _ = channel.write(message, channel.voidPromise());
    }

    /** Sends the head that begins a raw stream. */
    void rawHead(HttpResponse head) {
        encoder.answersHead(false);
        head.headers().set(RequestIds.REQUEST_ID, requestId());
        var _ = channel.writeAndFlush(head, channel.voidPromise());
    }

    /** Sends an error of the gateway's own. */
    void error(int status, String message, @Nullable Duration retryAfter, @Nullable String challenge) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(status),
                Unpooled.wrappedBuffer(errors.body(status, message)));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
                .set(RequestIds.REQUEST_ID, requestId())
                .setInt(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
        if (retryAfter != null) {
            response.headers().set(HttpHeaderNames.RETRY_AFTER, Math.max(1, Math.ceilDiv(retryAfter.toMillis(), 1000)));
        }
        if (challenge != null && !byPage) {
            response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, challenge);
        }
        if (!keepAlive) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        var _ = channel.writeAndFlush(response, channel.voidPromise());
    }
}
