package io.berth.gateway.proxy;

import io.berth.gateway.metrics.Traffic;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayDeque;
import java.util.Deque;

/** The request of one {@link Exchange} on its way to the backend, piece by piece. Confined to the event loop. */
final class RequestPassage {
    private final Exchange exchange;
    private final ClientConnection client;
    private final HttpRequest head;
    private final Traffic.Call traffic;
    /** Parts that arrived before the connection did: no more than one read of the client. */
    private final Deque<HttpContent> early = new ArrayDeque<>();

    private boolean complete;
    private boolean refused;

    /** @param head as it is sent to the backend */
    RequestPassage(Exchange exchange, ClientConnection client, HttpRequest head, Traffic.Call traffic) {
        this.exchange = exchange;
        this.client = client;
        this.head = head;
        this.traffic = traffic;
    }

    /** Whether the client has sent all of it. */
    boolean complete() {
        return complete;
    }

    /** Whether the backend has got all of it. */
    boolean taken() {
        return complete && !refused;
    }

    /** Sends what there is. */
    void begin(BackendConnection backend) {
        backend.write(head);
        for (HttpContent part; (part = early.poll()) != null; ) {
            backend.write(part);
        }
        backend.flush();
        if (complete) {
            exchange.awaitResponse();
        } else if (backend.isWritable()) {
            client.read();
        }
    }

    /** It has no body, and goes to another connection. */
    void again() {
        early.add(LastHttpContent.EMPTY_LAST_CONTENT);
    }

    /** Takes over one part of the body. */
    void content(HttpContent part) {
        traffic.sent(part.content().readableBytes());
        if (part.decoderResult().isFailure()) {
            part.release();
            exchange.clientFailed("malformed request body");
            return;
        }
        BackendConnection backend = exchange.backend();
        boolean last = part instanceof LastHttpContent;
        if (part instanceof LastHttpContent end) {
            // Trailers could smuggle what the head was cleaned of.
            if (!end.trailingHeaders().isEmpty()) {
                end.trailingHeaders().clear();
            }
            complete = true;
            if (backend != null) {
                exchange.awaitResponse();
            }
        }
        if (refused) {
            part.release();
        } else if (backend == null) {
            early.add(part);
        } else {
            backend.write(part);
            if (last) {
                backend.flush();
            }
        }
        if (last) {
            // Only a pending read notices that the client goes away.
            client.read();
        }
    }

    void readComplete() {
        BackendConnection backend = exchange.backend();
        if (backend == null || complete) {
            return;
        }
        backend.flush();
        if (refused || backend.isWritable()) {
            client.read();
        }
    }

    void backendWritable() {
        if (!complete) {
            client.read();
        }
    }

    /** The backend takes no more of it; its answer, if any, is still to be read. */
    void refuse() {
        if (!refused) {
            refused = true;
            client.read();
        }
    }

    /** The exchange has ended. */
    void close() {
        for (HttpContent part; (part = early.poll()) != null; ) {
            part.release();
        }
    }
}
