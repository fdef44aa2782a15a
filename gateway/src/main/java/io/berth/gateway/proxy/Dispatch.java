package io.berth.gateway.proxy;

import io.berth.gateway.access.Arrival;
import io.berth.gateway.access.Ruling;
import io.berth.gateway.metrics.CallIds;
import io.berth.gateway.node.NodeChoice;
import io.berth.gateway.resilience.Admission;
import io.berth.gateway.resilience.Caller;
import io.berth.gateway.route.Route;
import io.berth.gateway.route.RoutingTable;
import io.berth.gateway.route.StreamKind;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpRequest;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sends a request that the gate lets pass on its way to a backend, if its client and the backend may have one more. */
final class Dispatch {
    private final Proxy proxy;

    Dispatch(Proxy proxy) {
        this.proxy = proxy;
    }

    /**
     * Makes the exchange, which is still to be started, or refuses the request.
     *
     * @return null when it was refused
     */
    @Nullable
    Exchange send(ClientConnection client, Hearing heard, Ruling.Pass pass, Arrival arrival, CallIds ids) {
        HttpRequest head = heard.head();
        Route route = heard.route();
        Optional<Duration> wait = proxy.rateExceeded(pass.caller(), arrival.address());
        if (wait.isPresent()) {
            return refuse(client, heard, 429, "too many requests: the limit of this client is reached", wait.get());
        }
        Caller holder = Proxy.holder(pass.caller(), arrival);
        if (!client.takesPlaces(holder, route)) {
            heard.cancel();
            return null;
        }
        String upgrade = route.streams() == StreamKind.NONE ? null : HeaderRules.upgrade(head);
        heard.frame(pass);
        proxy.headers().forward(head, route.backend(), arrival, pass, upgrade);
        head.setUri(pass.target().text());
        if (HeaderRules.size(head) > proxy.limits().headBytes()) {
            return refuse(client, heard, 431, "the request head is too long", null);
        }
        EventLoop loop = client.channel().eventLoop();
        if (proxy.nodes().several()) {
            switch (proxy.nodes().choose(head.method().name(), pass.target(), route.backend())) {
                case NodeChoice.Elsewhere _ -> {}
                case NodeChoice.Merged _ -> {
                    route = RoutingTable.MERGED;
                    head.setUri(RoutingTable.MERGED_PREFIX + pass.target().text());
                }
                case NodeChoice.At(var search) -> {
                    NodeCall call = proxy.nodeBackends().call(loop, route.backend(), search, holder, head);
                    return exchange(client, heard, pass, route, upgrade != null, call, call, ids);
                }
            }
        }
        return switch (proxy.guards().of(route.backend()).admit(holder)) {
            case Admission.Refusal(int status, String reason, Duration retryAfter) ->
                refuse(client, heard, status, reason, retryAfter);
            case Admission.Permit permit ->
                exchange(client, heard, pass, route, upgrade != null, permit, proxy.pool(loop, route.backend()), ids);
        };
    }

    private Exchange exchange(
            ClientConnection client,
            Hearing heard,
            Ruling.Pass pass,
            Route route,
            boolean upgrades,
            Admission.Permit permit,
            Connector way,
            CallIds ids) {
        HttpRequest head = heard.head();
        return new Exchange(
                client,
                route,
                head,
                upgrades,
                permit,
                proxy.traffic()
                        .begin(route, ids, head.method().name(), pass.target().path()),
                way,
                proxy.responseTimeoutNanos(route),
                pass.answers());
    }

    private static @Nullable Exchange refuse(
            ClientConnection client, Hearing heard, int status, String reason, @Nullable Duration retryAfter) {
        heard.cancel();
        client.refuse(status, reason, retryAfter);
        return null;
    }
}
