package io.berth.gateway.proxy;

import io.berth.docker.error.ApiException;
import io.berth.gateway.access.Call;
import io.berth.gateway.access.Identity;
import io.berth.gateway.access.Ruling;
import io.berth.gateway.resilience.Caller;
import io.berth.gateway.route.Route;
import io.berth.unixhttp.HeapWatch;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection: takes one request at a time, has it received ({@link Reception}) and judged ({@link Hearing}), and lets an
 * {@link Exchange} carry it. Confined to its event loop.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    private static final Duration RETRY_SOON = Duration.ofSeconds(1);

    private final Proxy proxy;
    private final Dispatch dispatch;
    private final Channel channel;
    private final RequestDecoder decoder;
    private final ClientAnswers answers;
    private final ClientPipeline pipeline;
    private final RequestLimits limits;
    private final Reception reception;
    private final AuditTrail audit = new AuditTrail();
    private final CallPlaces places;

    private @Nullable Exchange exchange;
    private @Nullable Hearing hearing;
    private boolean requestHasBody;
    private boolean requestComplete = true;
    private boolean closing;
    private final IdleClient idle;

    ClientConnection(Proxy proxy, Channel channel, RequestDecoder decoder, ClientResponseEncoder encoder, boolean tcp) {
        this.proxy = proxy;
        this.dispatch = new Dispatch(proxy);
        this.channel = channel;
        this.decoder = decoder;
        this.answers = new ClientAnswers(channel, encoder);
        this.pipeline = new ClientPipeline(channel, decoder, encoder, this);
        this.limits = new RequestLimits(proxy.limits(), channel.eventLoop(), this::tooSlow);
        this.reception = new Reception(this, proxy, channel, answers, limits, audit, tcp);
        this.places = new CallPlaces(proxy.shares(), tcp);
        channel.closeFuture().addListener(_ -> {
            places.ended();
            places.disconnected();
        });
        this.idle = new IdleClient(channel.eventLoop(), proxy.clientIdleNanos(), this::served, this::abort);
    }

    // --- from the client

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        channel.read();
        idle.start();
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
        limits.stop();
        idle.stop();
    }

    private void begin(HttpRequest head) {
        limits.headArrived();
        requestComplete = false;
        answers.begin(head);
        if (!reception.reads(head)) {
            return;
        }
        requestHasBody = HttpUtil.isTransferEncodingChunked(head) || HttpUtil.getContentLength(head, 0L) > 0;
        try {
            reception.receive(head);
        } catch (ApiException e) {
            refuse(e.status(), e.text(), null);
        }
    }

    /** The current request waits for the gate. */
    void hear(Hearing heard, Call call) {
        hearing = heard;
        heard.rule(proxy.gate().judge(call));
    }

    /** The gate knows who calls; whether they may have one more connection and, if there is one, body. */
    boolean known(Identity caller) {
        audit.caller(caller, answers.requestId());
        return admits(Proxy.holder(caller, reception.arrival()));
    }

    private boolean admits(Caller holder) {
        Optional<CallPlaces.Refusal> refusal = places.connection(holder);
        if (refusal.isPresent()) {
            answers.last();
        } else if (requestHasBody && !requestComplete) {
            refusal = places.upload(holder);
        }
        refusal.ifPresent(no -> refuse(no.status(), no.message(), RETRY_SOON));
        return refusal.isEmpty();
    }

    /** Whether the current request, which the gate lets pass, gets the places that it takes; it has been refused otherwise. */
    boolean takesPlaces(Caller holder, Route route) {
        if (!admits(holder)) {
            return false;
        }
        Optional<CallPlaces.Refusal> refusal = route.longRunning() ? places.stream(holder) : Optional.empty();
        refusal.ifPresent(no -> refuse(no.status(), no.message(), RETRY_SOON));
        return refusal.isEmpty();
    }

    /** The gate lets it pass. */
    void carry(Hearing heard, Ruling.Pass pass) {
        hearing = null;
        Exchange begun = dispatch.send(this, heard, pass, reception.arrival(), reception.ids());
        if (begun != null) {
            exchange = begun;
            begun.start();
            heard.replay(pass, begun);
        }
    }

    /** A client that sends its request byte by byte, or not at all, must not hold what others need. */
    private void tooSlow() {
        giveUp(408, "the request did not arrive in time");
    }

    /** Ends a request that is not complete, and the connection. */
    private void giveUp(int status, String message) {
        Exchange current = exchange;
        if (current != null && current.response().started()) {
            abort();
            return;
        }
        if (current != null) {
            current.cancel();
        }
        exchange = null;
        endHearing();
        answers.last();
        refuse(status, message, null);
    }

    private void content(HttpContent part) {
        boolean last = part instanceof LastHttpContent;
        if (limits.counted(part.content().readableBytes())
                && (hearing != null || (exchange != null && !exchange.response().started()))) {
            part.release();
            giveUp(413, "the request body is too large");
            return;
        }
        if (last && part.decoderResult().isSuccess()) {
            requestComplete = true;
            places.received();
        } else if (last) {
            answers.last();
        }
        if (exchange != null) {
            exchange.request().content(part);
            return;
        }
        if (hearing != null) {
            hearing.content(part);
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
            exchange.request().readComplete();
        } else if (hearing != null) {
            hearing.readComplete();
        } else if (decoder.headBegun() && !closing) {
            limits.headBegun();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null && channel.isWritable()) {
            exchange.response().clientWritable();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof ChannelInputShutdownEvent)) {
            return;
        }
        Exchange current = exchange;
        if (hearing != null) {
            if (!requestComplete) {
                abort();
            }
        } else if (current == null) {
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
        endHearing();
        audit.end();
    }

    private void endHearing() {
        if (hearing != null) {
            hearing.cancel();
            hearing = null;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause.getCause() instanceof SSLException refused) {
            LOG.atDebug().setCause(refused).log("tls handshake failed");
        } else if (!(cause instanceof IOException) && !HeapWatch.ofProcess().isOutOfMemory(cause)) {
            LOG.atWarn().setCause(cause).log("client connection failed");
        }
        abort();
    }

    // --- from the exchange

    Channel channel() {
        return channel;
    }

    void read() {
        if (!requestComplete) {
            limits.bodyAwaited();
        }
        channel.read();
    }

    void flush() {
        channel.flush();
    }

    boolean isWritable() {
        return channel.isWritable();
    }

    ClientAnswers answers() {
        return answers;
    }

    /**
     * Begins the response.
     *
     * @param framed whether its end can be told without the end of the connection
     */
    void writeHead(HttpResponse head, boolean framed) {
        audit.status(head.status().code());
        Exchange current = exchange;
        if (!framed || (current != null && current.mayHijack() && decoder.holdsInput())) {
            // Bytes behind a refused hijack request were meant for its stream: they must not become a request.
            answers.last();
        }
        answers.head(head);
    }

    /** The response has been written. */
    void finished() {
        channel.flush();
        exchange = null;
        places.ended();
        audit.end();
        if (answers.keepsAlive() && requestComplete) {
            next();
        } else {
            closeGently();
        }
    }

    /** Answers the current request with an error of the gateway's own, in the client's shape. */
    void refuse(int status, String message, @Nullable Duration retryAfter) {
        refuse(status, message, retryAfter, null);
    }

    /** Answers what the gate does not let pass. */
    void refuse(Ruling.Refuse refusal) {
        refuse(refusal.status(), refusal.message(), null, refusal.challenge());
    }

    private void refuse(int status, String message, @Nullable Duration retryAfter, @Nullable String challenge) {
        if (exchange == null) {
            proxy.traffic().rejected(status);
        }
        exchange = null;
        endHearing();
        places.ended();
        audit.status(status);
        audit.end();
        if (!requestComplete && requestHasBody) {
            answers.last();
        }
        answers.error(status, message, retryAfter, challenge);
        if (!answers.keepsAlive()) {
            closeGently();
        } else if (requestComplete) {
            next();
        }
    }

    /** Closes at once, so that an incomplete response is seen as such. */
    void abort() {
        Exchange current = exchange;
        exchange = null;
        closing = true;
        endHearing();
        places.ended();
        audit.end();
        if (current != null) {
            current.cancel();
        }
        var _ = channel.close();
    }

    /** Sends the head that begins a raw stream and leaves the connection to the relay. */
    void becomeRaw(HttpResponse head, RawRelay relay, Runnable joinBackend) {
        exchange = null;
        closing = true;
        audit.status(head.status().code());
        audit.end();
        answers.rawHead(head);
        pipeline.becomeRaw(relay, joinBackend);
    }

    private void next() {
        idle.begins();
        decoder.next();
        channel.read();
    }

    private void closeGently() {
        if (closing) {
            return;
        }
        closing = true;
        pipeline.linger();
    }

    private boolean served() {
        return exchange != null || (hearing != null && requestComplete);
    }
}
