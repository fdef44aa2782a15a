package io.berth.gateway.proxy;

import io.berth.gateway.access.AnswerFilter;
import io.berth.gateway.metrics.Traffic;
import io.berth.json.Room;
import io.berth.unixhttp.HeapWatch;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The response of one {@link Exchange} on its way to the client: piece by piece, gathered when the client may see a part of it only, or past the
 * gateway's memory when it is large. Confined to the event loop.
 */
final class ResponsePassage {
    private static final Logger LOG = LoggerFactory.getLogger(ResponsePassage.class);

    private final Exchange exchange;
    private final ClientConnection client;
    private final HttpRequest request;
    private final Traffic.Call traffic;
    private final @Nullable AnswerFilter answers;

    private boolean interim;
    private boolean started;
    private @Nullable FilteredAnswer filtered;
    /** What is to come of a body of known length. */
    private long bodyRest;

    private @Nullable SplicedBody spliced;

    /**
     * @param request the head as it is sent to the backend
     * @param answers what the client sees of a successful answer; null for all of it
     */
    ResponsePassage(
            Exchange exchange,
            ClientConnection client,
            HttpRequest request,
            Traffic.Call traffic,
            @Nullable AnswerFilter answers) {
        this.exchange = exchange;
        this.client = client;
        this.request = request;
        this.traffic = traffic;
        this.answers = answers;
    }

    /** Whether the client has been promised a response, so that it is too late for an error. */
    boolean started() {
        return started;
    }

    /** Whether the backend has answered what is not yet told to the client. */
    boolean gathered() {
        return filtered != null;
    }

    /** Whether the backend has given all of it, though the client has not taken its end: it may close its connection then. */
    boolean givenWhole() {
        BackendConnection backend = exchange.backend();
        return spliced != null && backend != null && backend.bodyRest() == 0;
    }

    void head(HttpResponse head) {
        if (head.decoderResult().isFailure()) {
            exchange.backendFailed(
                    head.decoderResult().cause(), exchange.backendLabel() + " sent a malformed response");
            return;
        }
        int status = head.status().code();
        if (status == 101) {
            exchange.switched(head);
            return;
        }
        if (status < 200) {
            interim = true;
            HeaderRules.giveBack(head);
            client.answers()
                    .interim(new DefaultFullHttpResponse(
                            head.protocolVersion(),
                            head.status(),
                            Unpooled.EMPTY_BUFFER,
                            head.headers(),
                            LastHttpContent.EMPTY_LAST_CONTENT.trailingHeaders()));
            return;
        }
        if (ResponseRules.isShutdown(head) && exchange.resent()) {
            return;
        }
        boolean framed = ResponseRules.isFramed(request.method(), head);
        exchange.answered(framed && HttpUtil.isKeepAlive(head));
        traffic.answered(status);
        started = true;
        if (!framed && status == 200 && exchange.becameRaw(head)) {
            return;
        }
        HeaderRules.giveBack(head);
        HeaderRules.relocate(head.headers(), request.headers().get(HttpHeaderNames.HOST));
        if (answers != null && status == 200 && !request.method().equals(HttpMethod.HEAD)) {
            filtered = new FilteredAnswer(head, answers);
            // It has been promised nothing yet: what cannot be filtered is an error, not half an answer.
            started = false;
            return;
        }
        bodyRest = HttpUtil.isTransferEncodingChunked(head) ? 0 : HttpUtil.getContentLength(head, 0L);
        client.writeHead(head, framed);
    }

    void content(HttpContent part) {
        if (interim) {
            // The end of an interim response; the real one follows.
            interim = !(part instanceof LastHttpContent);
            part.release();
            return;
        }
        if (part.decoderResult().isFailure()) {
            part.release();
            exchange.fail(502, exchange.backendLabel() + " sent a malformed response");
            return;
        }
        traffic.received(part.content().readableBytes());
        bodyRest -= part.content().readableBytes();
        boolean last = part instanceof LastHttpContent;
        if (filtered != null) {
            gather(filtered, part, last);
            return;
        }
        client.answers().part(part);
        if (last) {
            exchange.finish();
        }
    }

    private void gather(FilteredAnswer answer, HttpContent part, boolean last) {
        if (!answer.take(part)) {
            exchange.fail(502, "the answer of " + exchange.backendLabel() + " is too large to be filtered");
            return;
        }
        if (!last) {
            return;
        }
        if (!Room.judged().tryTake(answer.memory())) {
            exchange.fail(503, "too many large answers are being filtered: try again");
            return;
        }
        try {
            answer.seen();
        } catch (OutOfMemoryError e) {
            boolean _ = HeapWatch.ofProcess().isOutOfMemory(e);
            exchange.fail(503, "there is no memory for the answer: try again");
            return;
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("cannot filter an answer");
            exchange.fail(502, "the answer of " + exchange.backendLabel() + " cannot be filtered");
            return;
        } finally {
            Room.judged().giveBack(answer.memory());
        }
        started = true;
        client.writeHead(answer.head(), true);
        client.answers().part(answer.body());
        exchange.finish();
    }

    void readComplete() {
        client.flush();
        BackendConnection backend = exchange.backend();
        if (spliced == null && backend != null && bodyRest >= SplicedBody.LEAST_BYTES && started) {
            spliced = SplicedBody.between(
                    backend, client.channel(), bodyRest, traffic::received, this::bodySpliced, client::abort);
            // It is tried once.
            bodyRest = 0;
        }
        if (spliced != null) {
            spliced.pump();
        } else if (client.isWritable()) {
            readBackend();
        }
    }

    void clientWritable() {
        if (spliced != null) {
            spliced.pump();
        } else {
            readBackend();
        }
    }

    private void bodySpliced() {
        client.answers().part(LastHttpContent.EMPTY_LAST_CONTENT);
        exchange.finish();
    }

    private void readBackend() {
        BackendConnection backend = exchange.backend();
        if (backend != null) {
            backend.read();
        }
    }

    /** The exchange has ended. */
    void close() {
        if (spliced != null) {
            spliced.close();
            spliced = null;
        }
    }
}
