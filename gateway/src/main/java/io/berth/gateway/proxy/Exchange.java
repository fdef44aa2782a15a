package io.berth.gateway.proxy;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.Unavailable;
import io.berth.gateway.access.AnswerFilter;
import io.berth.gateway.metrics.Traffic;
import io.berth.gateway.resilience.Admission.Permit;
import io.berth.gateway.route.Route;
import io.berth.gateway.route.StreamKind;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its response on their way between a client and a backend. Bodies pass piece by piece: each side is read
 * only while the other takes bytes. What passes are {@link RequestPassage} and {@link ResponsePassage}; the backend's connection, the time it
 * may take and how all of it ends are here. Confined to the
 * event loop that both connections share.
 */
final class Exchange implements Connecting.Waiter {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    /** A backend that restarts may take a connection with it that it had not even accepted, so that one is too few. */
    private static final int MAX_RESENDS = 3;

    private static final Duration RETRY_SOON = Duration.ofSeconds(1);

    private final ClientConnection client;
    private final Route route;
    private final HttpRequest request;
    private final boolean upgrades;
    private final Permit permit;
    private final Traffic.Call traffic;
    private final Connecting connecting;
    private final long responseTimeoutNanos;
    private final RequestPassage sending;
    private final ResponsePassage response;

    private @Nullable BackendConnection backend;
    private @Nullable ScheduledFuture<?> timeout;
    private boolean backendKeepAlive;
    private int resends;
    private boolean done;

    /**
     * @param request the head as it is sent to the backend
     * @param upgrades whether it asks to switch protocols
     * @param answers what the client sees of a successful answer; null for all of it
     */
    Exchange(
            ClientConnection client,
            Route route,
            HttpRequest request,
            boolean upgrades,
            Permit permit,
            Traffic.Call traffic,
            Connector pool,
            long responseTimeoutNanos,
            @Nullable AnswerFilter answers) {
        this.client = client;
        this.route = route;
        this.request = request;
        this.upgrades = upgrades;
        this.permit = permit;
        this.traffic = traffic;
        this.connecting = new Connecting(pool, client.channel().eventLoop(), permit, this);
        this.responseTimeoutNanos = responseTimeoutNanos;
        this.sending = new RequestPassage(this, client, request, traffic);
        this.response = new ResponsePassage(this, client, request, traffic, answers);
    }

    void start() {
        connecting.start();
    }

    RequestPassage request() {
        return sending;
    }

    ResponsePassage response() {
        return response;
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
        sending.begin(connection);
    }

    @Override
    public boolean isDone() {
        return done;
    }

    @Override
    public void connectFailed(Throwable cause) {
        if (!done) {
            permit.failed(cause);
            LOG.atDebug()
                    .addKeyValue("backend", route.backend().id())
                    .setCause(cause)
                    .log("cannot connect");
            if (cause instanceof ApiException known) {
                fail(known.status(), known.text());
            } else {
                fail(503, route.backend().label() + " is unavailable: it does not accept connections");
            }
        }
    }

    @Override
    public void lost(Unavailable error) {
        if (!done && !response.started()) {
            permit.failed(error);
            fail(error.status(), error.text());
        }
    }

    /** The backend closed before the response was complete. */
    void backendEnded(Throwable cause) {
        BackendConnection connection = backend;
        if (done || connection == null || response.givenWhole()) {
            return;
        }
        if (!response.started() && !response.gathered() && !connection.answered() && mayResend()) {
            resend(connection);
            return;
        }
        if (!response.gathered()) {
            permit.failed(cause);
        }
        fail(503, route.backend().label() + " is unavailable: it closed the connection without a response");
    }

    /**
     * A kept connection may have died unnoticed, and a restarting backend gives up what it has not looked at; only a
     * request that changes nothing may be sent again.
     */
    private boolean mayResend() {
        return resends < MAX_RESENDS
                && sending.complete()
                && !upgrades
                && (request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD))
                && !HttpUtil.isContentLengthSet(request)
                && !HttpUtil.isTransferEncodingChunked(request);
    }

    private void resend(BackendConnection connection) {
        resends++;
        permit.retried();
        connection.close();
        backend = null;
        stopTimeout();
        sending.again();
        connecting.startAnew(connection.reused());
    }

    // --- from the request and the response

    /** The client sends what it must not. */
    void clientFailed(String message) {
        permit.cancelled();
        fail(400, message);
    }

    @Nullable
    BackendConnection backend() {
        return backend;
    }

    String backendLabel() {
        return route.backend().label();
    }

    /** The backend wants to switch protocols. */
    void switched(HttpResponse head) {
        if (upgrades && sending.complete()) {
            becomeRaw(head);
        } else {
            backendFailed(
                    new IllegalStateException("unasked protocol switch"),
                    backendLabel() + " switched protocols unasked");
        }
    }

    /** The response's head has come. */
    void answered(boolean keepsBackend) {
        stopTimeout();
        permit.responded();
        backendKeepAlive = keepsBackend;
    }

    /** Sends the request again, to a backend that is about to end, if that does no harm; whether it did. */
    boolean resent() {
        BackendConnection connection = backend;
        if (connection == null || !mayResend()) {
            return false;
        }
        resend(connection);
        return true;
    }

    /** Makes the connection a raw stream, if that is what this response begins; whether it did. */
    boolean becameRaw(HttpResponse head) {
        boolean raw = ResponseRules.isRawStream(route, head) && sending.complete();
        if (raw) {
            becomeRaw(head);
        }
        return raw;
    }

    /** The response has been written. */
    void finish() {
        BackendConnection connection = end();
        if (connection != null) {
            if (sending.taken() && backendKeepAlive) {
                connection.giveBack();
            } else {
                connection.close();
            }
        }
        client.finished();
    }

    /** The backend answers what it must not. */
    void backendFailed(Throwable cause, String message) {
        permit.failed(cause);
        fail(502, message);
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

    void fail(int status, String message) {
        BackendConnection connection = end();
        if (connection != null) {
            connection.close();
        }
        if (response.started()) {
            // Too late for an error: an incomplete response is the only honest sign.
            client.abort();
        } else {
            traffic.answered(status);
            client.refuse(status, message, status == 503 ? RETRY_SOON : null);
        }
    }

    /** The request has been sent; how long the backend may take is counted from now. */
    void awaitResponse() {
        if (!route.longRunning() && timeout == null && !response.started()) {
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
        if (!done && !response.started()) {
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
        traffic.becameStream();
        if (head.status().code() == 101) {
            traffic.answered(101);
        } else {
            HeaderRules.giveBack(head);
            head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        done = true;
        backend = null;
        Channel clientChannel = client.channel();
        Channel backendChannel = connection.channel();
        RawRelay fromClient = RawRelay.between(clientChannel, backendChannel, traffic::sent);
        RawRelay fromBackend = RawRelay.between(backendChannel, clientChannel, traffic::received);
        clientChannel.closeFuture().addListener(_ -> traffic.ended());
        client.becomeRaw(head, fromClient, () -> connection.becomeRaw(fromBackend));
        clientChannel.read();
        backendChannel.read();
    }

    private @Nullable BackendConnection end() {
        done = true;
        traffic.ended();
        stopTimeout();
        response.close();
        sending.close();
        BackendConnection connection = backend;
        backend = null;
        return connection;
    }
}
