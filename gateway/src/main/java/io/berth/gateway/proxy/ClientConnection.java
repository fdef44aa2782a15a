package io.berth.gateway.proxy;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotImplemented;
import io.berth.gateway.resilience.Admission;
import io.berth.gateway.route.ErrorShape;
import io.berth.gateway.route.RequestTarget;
import io.berth.gateway.route.Route;
import io.berth.gateway.route.StreamKind;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection: takes one request at a time, finds its route and lets an {@link Exchange} carry it. Confined to
 * its event loop.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(ClientConnection.class);
    private static final Set<HttpMethod> METHODS = Set.of(
            HttpMethod.GET,
            HttpMethod.HEAD,
            HttpMethod.POST,
            HttpMethod.PUT,
            HttpMethod.DELETE,
            HttpMethod.PATCH,
            HttpMethod.OPTIONS);

    private final Proxy proxy;
    private final Channel channel;
    private final RequestDecoder decoder;
    private final ClientResponseEncoder encoder;
    private final String address;
    private final boolean tcp;

    private @Nullable Exchange exchange;
    private ErrorShape errors = ErrorShape.DOCKER;
    private boolean keepAlive;
    private boolean oldClient;
    private boolean requestHasBody;
    private boolean requestComplete = true;
    private boolean closing;
    private long idleSinceNanos = System.nanoTime();
    private @Nullable ScheduledFuture<?> idleCheck;

    /**
     * @param address the client's IP address
     * @param tcp whether it came over the network, so that it could be a browser
     */
    ClientConnection(
            Proxy proxy,
            Channel channel,
            RequestDecoder decoder,
            ClientResponseEncoder encoder,
            String address,
            boolean tcp) {
        this.proxy = proxy;
        this.channel = channel;
        this.decoder = decoder;
        this.encoder = encoder;
        this.address = address;
        this.tcp = tcp;
    }

    // --- from the client

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        channel.read();
        checkIdleLater(proxy.clientIdleNanos());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest head) {
            begin(head);
        } else if (message instanceof HttpContent part) {
            content(part);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        // A waiting timer would keep everything about a closed connection in memory.
        if (idleCheck != null) {
            var _ = idleCheck.cancel(false);
            idleCheck = null;
        }
    }

    private void begin(HttpRequest head) {
        requestComplete = false;
        errors = head.uri().startsWith("/v2/") ? ErrorShape.REGISTRY : ErrorShape.DOCKER;
        encoder.answersHead(head.method().equals(HttpMethod.HEAD));
        oldClient = !head.protocolVersion().equals(HttpVersion.HTTP_1_1);
        // A client of HTTP/1.0 cannot read chunks, so the end of the connection ends its response.
        keepAlive = !oldClient && HttpUtil.isKeepAlive(head);
        if (head.decoderResult().isFailure()) {
            keepAlive = false;
            refuseMalformed(head.decoderResult().cause());
            return;
        }
        requestHasBody = HttpUtil.isTransferEncodingChunked(head) || HttpUtil.getContentLength(head, 0L) > 0;
        try {
            forward(head);
        } catch (ApiException e) {
            refuse(e.status(), e.text(), null);
        }
    }

    private void forward(HttpRequest head) {
        if (!METHODS.contains(head.method())) {
            throw new NotImplemented("method " + head.method() + " is not supported");
        }
        try {
            HeaderRules.checkFraming(head);
        } catch (InvalidParameter e) {
            // Where the request ends is in doubt, so what follows it cannot be trusted.
            keepAlive = false;
            throw e;
        }
        RequestTarget target = RequestTarget.parse(originForm(head.uri()));
        if (tcp) {
            proxy.browserGuard().check(head.headers(), proxy.isOwnPage(target));
        }
        Route route = proxy.routes().route(head.method().name(), target);
        errors = route.errors();
        String upgrade = route.streams() == StreamKind.NONE ? null : HeaderRules.upgrade(head);
        proxy.headers().forward(head, route.backend(), address, upgrade);
        head.setUri(target.text());
        Admission admission = proxy.guards().of(route.backend()).admit();
        switch (admission) {
            case Admission.Refusal(String reason, Duration retryAfter) -> refuse(503, reason, retryAfter);
            case Admission.Permit permit -> {
                Exchange started = new Exchange(
                        this,
                        route,
                        head,
                        upgrade != null,
                        permit,
                        proxy.pool(channel.eventLoop(), route.backend()),
                        proxy.responseTimeoutNanos());
                exchange = started;
                started.start();
            }
        }
    }

    /** A server must take {@code http://host/path} too (RFC 9112, 3.2.2); the Host header keeps deciding the host. */
    private static String originForm(String uri) {
        if (!uri.regionMatches(true, 0, "http://", 0, 7)) {
            return uri;
        }
        int slash = uri.indexOf('/', 7);
        return slash < 0 ? "/" : uri.substring(slash);
    }

    private void content(HttpContent part) {
        boolean last = part instanceof LastHttpContent;
        if (last && part.decoderResult().isSuccess()) {
            requestComplete = true;
        } else if (last) {
            keepAlive = false;
        }
        if (exchange != null) {
            exchange.requestContent(part);
            return;
        }
        part.release();
        if (last && !closing) {
            next();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.requestReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null && channel.isWritable()) {
            exchange.clientWritable();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof ChannelInputShutdownEvent)) {
            return;
        }
        Exchange current = exchange;
        if (current == null) {
            if (requestComplete) {
                closeGently();
            }
        } else if (!requestComplete || (current.route().longRunning() && !current.mayHijack())) {
            // A stream that nobody asks for any more would never end by itself (net/http cancels here, too);
            // a short answer is still delivered to those who only ended their input.
            abort();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (exchange != null) {
            exchange.cancel();
            exchange = null;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            log.atWarn().setCause(cause).log("client connection failed");
        }
        abort();
    }

    // --- from the exchange

    Channel channel() {
        return channel;
    }

    void read() {
        channel.read();
    }

    void flush() {
        channel.flush();
    }

    boolean isWritable() {
        return channel.isWritable();
    }

    void write(Object message) {
        var _ = channel.write(message, channel.voidPromise());
    }

    /** Passes on {@code 100 Continue} and the like. */
    void writeInterim(FullHttpResponse response) {
        if (oldClient) {
            response.release();
        } else {
            var _ = channel.writeAndFlush(response, channel.voidPromise());
        }
    }

    /**
     * Begins the response.
     *
     * @param framed whether its end can be told without the end of the connection
     */
    void writeHead(HttpResponse head, boolean framed) {
        Exchange current = exchange;
        if (oldClient && HttpUtil.isTransferEncodingChunked(head)) {
            HttpUtil.setTransferEncodingChunked(head, false);
        }
        if (!framed || (current != null && current.mayHijack() && decoder.holdsInput())) {
            // Bytes behind a refused hijack request were meant for its stream: they must not become a request.
            keepAlive = false;
        }
        if (!keepAlive) {
            head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        write(head);
    }

    /** The response has been written. */
    void finished() {
        channel.flush();
        exchange = null;
        if (keepAlive && requestComplete) {
            next();
        } else {
            closeGently();
        }
    }

    /** Answers the current request with an error of the gateway's own, in the client's shape. */
    void refuse(int status, String message, @Nullable Duration retryAfter) {
        exchange = null;
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(status),
                Unpooled.wrappedBuffer(errors.body(status, message)));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
                .setInt(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
        if (retryAfter != null) {
            response.headers().set(HttpHeaderNames.RETRY_AFTER, Math.max(1, Math.ceilDiv(retryAfter.toMillis(), 1000)));
        }
        if (!requestComplete && requestHasBody) {
            keepAlive = false;
        }
        if (!keepAlive) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        var _ = channel.writeAndFlush(response, channel.voidPromise());
        if (!keepAlive) {
            closeGently();
        } else if (requestComplete) {
            next();
        }
    }

    private void refuseMalformed(Throwable cause) {
        switch (cause) {
            case TooLongHttpLineException _ -> refuse(414, "the request line is too long", null);
            case TooLongHttpHeaderException _ -> refuse(431, "the request headers are too long", null);
            default -> refuse(400, "malformed request", null);
        }
    }

    /** Closes at once, so that an incomplete response is seen as such. */
    void abort() {
        Exchange current = exchange;
        exchange = null;
        closing = true;
        if (current != null) {
            current.cancel();
        }
        var _ = channel.close();
    }

    /** Sends the head that begins a raw stream and leaves the connection to the relay. */
    void becomeRaw(HttpResponse head, RawRelay relay, Runnable joinBackend) {
        exchange = null;
        closing = true;
        encoder.answersHead(false);
        var _ = channel.writeAndFlush(head, channel.voidPromise());
        boolean inputEnded = decoder.inputEnded();
        channel.pipeline().addLast(relay);
        channel.pipeline().remove(encoder);
        channel.pipeline().remove(this);
        // Both relays must stand before either decoder hands on the bytes that it holds.
        joinBackend.run();
        channel.pipeline().remove(decoder);
        if (inputEnded) {
            relay.inputEnded();
        }
    }

    private void next() {
        idleSinceNanos = System.nanoTime();
        decoder.next();
        channel.read();
    }

    private void closeGently() {
        if (closing) {
            return;
        }
        closing = true;
        LingeringClose linger = new LingeringClose();
        channel.pipeline().addLast(linger);
        channel.pipeline().remove(this);
        channel.pipeline().remove(encoder);
        channel.pipeline().remove(decoder);
        linger.start(channel, decoder.inputEnded());
    }

    private void checkIdleLater(long nanos) {
        idleCheck = channel.eventLoop().schedule(this::checkIdle, nanos, TimeUnit.NANOSECONDS);
    }

    private void checkIdle() {
        if (closing || !channel.isActive()) {
            return;
        }
        long left = proxy.clientIdleNanos() - (System.nanoTime() - idleSinceNanos);
        if (exchange != null) {
            checkIdleLater(proxy.clientIdleNanos());
        } else if (left > 0) {
            checkIdleLater(left);
        } else {
            abort();
        }
    }
}
