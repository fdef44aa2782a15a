package io.berth.gateway.proxy;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.Unavailable;
import io.berth.gateway.access.Arrival;
import io.berth.gateway.access.Call;
import io.berth.gateway.metrics.CallIds;
import io.berth.gateway.route.RequestTarget;
import io.berth.gateway.route.Route;
import io.berth.gateway.route.StreamKind;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Receives the heads of one client's requests: refuses what is malformed or nobody's, and hands on everything else with its route, ids and
 * limits. Confined to the connection's event loop.
 */
final class Reception {
    private final ClientConnection client;
    private final Proxy proxy;
    private final Channel channel;
    private final ClientAnswers answers;
    private final RequestLimits limits;
    private final AuditTrail audit;
    private final boolean tcp;
    /** Known when the first request arrives, since an encrypted connection's handshake comes first. */
    private @Nullable Arrival arrival;

    private @Nullable CallIds ids;

    Reception(
            ClientConnection client,
            Proxy proxy,
            Channel channel,
            ClientAnswers answers,
            RequestLimits limits,
            AuditTrail audit,
            boolean tcp) {
        this.client = client;
        this.proxy = proxy;
        this.channel = channel;
        this.answers = answers;
        this.limits = limits;
        this.audit = audit;
        this.tcp = tcp;
    }

    /** Of the current request. */
    CallIds ids() {
        return Objects.requireNonNull(ids);
    }

    Arrival arrival() {
        Arrival known = arrival;
        if (known == null) {
            known = Arrivals.of(channel, tcp);
            arrival = known;
        }
        return known;
    }

    /** Whether a head could be read; it has been refused otherwise. */
    boolean reads(HttpRequest head) {
        if (head.decoderResult().isFailure()) {
            answers.last();
            switch (head.decoderResult().cause()) {
                case TooLongHttpLineException _ -> client.refuse(414, "the request line is too long", null);
                case TooLongHttpHeaderException _ -> client.refuse(431, "the request headers are too long", null);
                default -> client.refuse(400, "malformed request", null);
            }
            return false;
        }
        if (!head.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && !head.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            answers.last();
            client.refuse(505, "HTTP version " + head.protocolVersion() + " is not supported", null);
            return false;
        }
        return true;
    }

    /**
     * Hands on a request to be judged.
     *
     * @throws ApiException when it is refused
     */
    void receive(HttpRequest head) {
        String method = head.method().name();
        HeaderRules.checkMethod(head);
        try {
            HeaderRules.checkFraming(head);
        } catch (InvalidParameter e) {
            // Where the request ends is in doubt, so what follows it cannot be trusted.
            answers.last();
            throw e;
        }
        CallIds names = RequestIds.settle(head.headers(), proxy.traffic().spans());
        ids = names;
        answers.named(names);
        RequestTarget target = RequestTarget.parse(HeaderRules.originForm(head.uri()));
        answers.forPage(BrowserGuard.isByPage(head.headers()));
        if (tcp) {
            proxy.browserGuard()
                    .check(head.headers(), proxy.isOwnPage(target), arrival().encrypted());
        }
        Route route = proxy.routes().route(method, target);
        answers.shape(route.errors());
        if (route.streams() != StreamKind.NONE || !Call.reads(method)) {
            if (!proxy.audit().begin()) {
                throw new Unavailable("the audit log cannot be written at present, and nothing is changed without it");
            }
            audit.begin(new AuditedCall(proxy.audit(), arrival(), method, target));
        }
        limits.apply(route);
        if (limits.tooLarge(HttpUtil.getContentLength(head, 0L))) {
            client.refuse(413, "the request body is too large", null);
            return;
        }
        client.hear(
                new Hearing(client, head, route, channel.eventLoop()),
                HeaderRules.call(head, arrival(), target, route));
    }
}
