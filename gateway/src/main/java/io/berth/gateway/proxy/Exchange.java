package io.berth.gateway.proxy;

import io.berth.gateway.resilience.Admission.Permit;
import io.berth.gateway.route.Route;
import io.berth.gateway.route.StreamKind;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its response on their way between a client and a backend. Bodies pass piece by piece: each side is read
 * only while the other takes bytes. Confined to the event loop that both connections share.
 */
final class Exchange implements BackendPool.Waiter {
    private static final Logger log = LoggerFactory.getLogger(Exchange.class);

    private final ClientConnection client;
    private final Route route;
    private final HttpRequest request;
    private final boolean upgrades;
    private final Permit permit;
    private final BackendPool pool;
    private final long responseTimeoutNanos;
    /** Parts of the request that arrived before the connection did: no more than one read of the client. */
    private final Deque<HttpContent> early = new ArrayDeque<>();

    private @Nullable BackendConnection backend;
    private @Nullable ScheduledFuture<?> timeout;
    private boolean requestComplete;
    private boolean requestRefused;
    private boolean interim;
    private boolean responseStarted;
    private boolean backendKeepAlive;
    private boolean retried;
    private boolean done;

    /**
     * @param request the head as it is sent to the backend
     * @param upgrades whether it asks to switch protocols
     */
    Exchange(
            ClientConnection client,
            Route route,
            HttpRequest request,
            boolean upgrades,
            Permit permit,
            BackendPool pool,
            long responseTimeoutNanos) {
        this.client = client;
        this.route = route;
        this.request = request;
        this.upgrades = upgrades;
        this.permit = permit;
        this.pool = pool;
        this.responseTimeoutNanos = responseTimeoutNanos;
    }

    void start() {
        pool.acquire(this);
    }

    Route route() {
        return route;
    }

    /** Whether the connection may become a raw stream, so that bytes behind the request may belong to it. */
    boolean mayHijack() {
        return upgrades || route.streams() == StreamKind.UPGRADE_OR_RAW;
    }

    // --- the backend's connection

    @Override
    public void connected(BackendConnection connection) {
        if (done) {
            connection.giveBack();
            return;
        }
        backend = connection;
        connection.begin(this, request.method().equals(HttpMethod.HEAD));
        connection.write(request);
        for (HttpContent part; (part = early.poll()) != null; ) {
            connection.write(part);
        }
        connection.flush();
        if (!requestComplete && connection.isWritable()) {
            client.read();
        }
    }

    @Override
    public void connectFailed(Throwable cause) {
        if (!done) {
            permit.failed(cause);
            log.atDebug()
                    .addKeyValue("backend", route.backend().id())
                    .setCause(cause)
                    .log("cannot connect");
            fail(503, route.backend().label() + " is unavailable: it does not accept connections");
        }
    }

    /** The backend takes no more of the request; its answer, if any, is still to be read. */
    void backendRefusesInput() {
        if (!requestRefused) {
            requestRefused = true;
            client.read();
        }
    }

    /** The backend closed before the response was complete. */
    void backendEnded(Throwable cause) {
        BackendConnection connection = backend;
        if (done || connection == null) {
            return;
        }
        if (!responseStarted && mayRetry(connection)) {
            retried = true;
            connection.close();
            backend = null;
            stopTimeout();
            early.add(LastHttpContent.EMPTY_LAST_CONTENT);
            pool.connect(this);
            return;
        }
        permit.failed(cause);
        fail(503, route.backend().label() + " is unavailable: it closed the connection without a response");
    }

    /** A kept connection may have died unnoticed; only a request that changes nothing may be sent a second time. */
    private boolean mayRetry(BackendConnection connection) {
        return !retried
                && connection.reused()
                && !connection.answered()
                && requestComplete
                && (request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD))
                && !HttpUtil.isContentLengthSet(request)
                && !HttpUtil.isTransferEncodingChunked(request);
    }

    // --- the request

    /** Takes over one part of the request's body. */
    void requestContent(HttpContent part) {
        if (part.decoderResult().isFailure()) {
            part.release();
            permit.cancelled();
            fail(400, "malformed request body");
            return;
        }
        boolean last = part instanceof LastHttpContent;
        if (part instanceof LastHttpContent end) {
            // Trailers could smuggle what the head was cleaned of.
            if (!end.trailingHeaders().isEmpty()) {
                end.trailingHeaders().clear();
            }
            requestComplete = true;
            startTimeout();
        }
        BackendConnection connection = backend;
        if (requestRefused) {
            part.release();
        } else if (connection == null) {
            early.add(part);
        } else {
            connection.write(part);
            if (last) {
                connection.flush();
            }
        }
        if (last) {
            // Only a pending read notices that the client goes away.
            client.read();
        }
    }

    void requestReadComplete() {
        BackendConnection connection = backend;
        if (connection == null || requestComplete) {
            return;
        }
        connection.flush();
        if (requestRefused || connection.isWritable()) {
            client.read();
        }
    }

    void backendWritable() {
        if (!requestComplete) {
            client.read();
        }
    }

    // --- the response

    void responseHead(HttpResponse head) {
        if (head.decoderResult().isFailure()) {
            permit.failed(head.decoderResult().cause());
            fail(502, route.backend().label() + " sent a malformed response");
            return;
        }
        int status = head.status().code();
        if (status == 101) {
            if (upgrades && requestComplete) {
                becomeRaw(head);
            } else {
                permit.failed(new IllegalStateException("unasked protocol switch"));
                fail(502, route.backend().label() + " switched protocols unasked");
            }
            return;
        }
        if (status < 200) {
            interim = true;
            HeaderRules.giveBack(head);
            client.writeInterim(new DefaultFullHttpResponse(
                    head.protocolVersion(),
                    head.status(),
                    Unpooled.EMPTY_BUFFER,
                    head.headers(),
                    LastHttpContent.EMPTY_LAST_CONTENT.trailingHeaders()));
            return;
        }
        stopTimeout();
        permit.responded();
        responseStarted = true;
        boolean framed = isFramed(head);
        if (!framed && status == 200 && isRawStream(head) && requestComplete) {
            becomeRaw(head);
            return;
        }
        backendKeepAlive = framed && HttpUtil.isKeepAlive(head);
        HeaderRules.giveBack(head);
        client.writeHead(head, framed);
    }

    private boolean isFramed(HttpResponse head) {
        int status = head.status().code();
        return request.method().equals(HttpMethod.HEAD)
                || status == 204
                || status == 304
                || HttpUtil.isContentLengthSet(head)
                || HttpUtil.isTransferEncodingChunked(head);
    }

    /** Docker's older hijack: {@code 200 OK}, a stream's content type and no length (api/server/router/container). */
    private boolean isRawStream(HttpResponse head) {
        String type = head.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
        return route.streams() == StreamKind.UPGRADE_OR_RAW
                && (type.startsWith("application/vnd.docker.raw-stream")
                        || type.startsWith("application/vnd.docker.multiplexed-stream"));
    }

    void responseContent(HttpContent part) {
        if (interim) {
            // The end of an interim response; the real one follows.
            interim = !(part instanceof LastHttpContent);
            part.release();
            return;
        }
        if (part.decoderResult().isFailure()) {
            part.release();
            fail(502, route.backend().label() + " sent a malformed response");
            return;
        }
        boolean last = part instanceof LastHttpContent;
        client.write(part);
        if (last) {
            finish();
        }
    }

    void responseReadComplete() {
        client.flush();
        if (client.isWritable()) {
            readBackend();
        }
    }

    void clientWritable() {
        readBackend();
    }

    private void readBackend() {
        if (backend != null) {
            backend.read();
        }
    }

    private void finish() {
        BackendConnection connection = end();
        if (connection != null) {
            if (requestComplete && !requestRefused && backendKeepAlive) {
                connection.giveBack();
            } else {
                connection.close();
            }
        }
        client.finished();
    }

    // --- other endings

    /** The client is gone, or has ended its input before the request was complete. */
    void cancel() {
        if (!done) {
            permit.cancelled();
            BackendConnection connection = end();
            if (connection != null) {
                connection.close();
            }
        }
    }

    private void fail(int status, String message) {
        BackendConnection connection = end();
        if (connection != null) {
            connection.close();
        }
        if (responseStarted) {
            // Too late for an error: an incomplete response is the only honest sign.
            client.abort();
        } else {
            client.refuse(status, message, null);
        }
    }

    private void startTimeout() {
        if (!route.longRunning() && timeout == null && !responseStarted) {
            timeout = client.channel().eventLoop().schedule(this::timedOut, responseTimeoutNanos, TimeUnit.NANOSECONDS);
        }
    }

    private void stopTimeout() {
        if (timeout != null) {
            var _ = timeout.cancel(false);
            timeout = null;
        }
    }

    private void timedOut() {
        timeout = null;
        if (!done && !responseStarted) {
            permit.failed(new SocketTimeoutException("no response head in time"));
            fail(503, route.backend().label() + " is unavailable: it did not answer in time");
        }
    }

    private void becomeRaw(HttpResponse head) {
        BackendConnection connection = backend;
        if (connection == null) {
            return;
        }
        stopTimeout();
        permit.responded();
        if (head.status().code() != 101) {
            HeaderRules.giveBack(head);
            head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        done = true;
        backend = null;
        Channel clientChannel = client.channel();
        Channel backendChannel = connection.channel();
        RawRelay fromClient = RawRelay.between(clientChannel, backendChannel);
        RawRelay fromBackend = RawRelay.between(backendChannel, clientChannel);
        client.becomeRaw(head, fromClient, () -> connection.becomeRaw(fromBackend));
        clientChannel.read();
        backendChannel.read();
    }

    private @Nullable BackendConnection end() {
        done = true;
        stopTimeout();
        for (HttpContent part; (part = early.poll()) != null; ) {
            part.release();
        }
        BackendConnection connection = backend;
        backend = null;
        return connection;
    }
}
