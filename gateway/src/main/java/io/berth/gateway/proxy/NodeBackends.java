package io.berth.gateway.proxy;

import io.berth.gateway.node.Node;
import io.berth.gateway.resilience.BackendGuard;
import io.berth.gateway.resilience.BackendGuards;
import io.berth.gateway.resilience.Caller;
import io.berth.gateway.route.Backend;
import io.berth.unixhttp.PlatformKey;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpRequest;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Connections to the services of each node, and a guard for each, so that one node's failures refuse nothing to another's. The platform's own node uses
 * what there is without nodes. Thread-safe.
 */
final class NodeBackends {
    private final Proxy proxy;
    private final Map<String, BackendGuards> guards = new ConcurrentHashMap<>();
    private final Map<EventLoop, Map<Path, BackendPool>> pools = new ConcurrentHashMap<>();

    NodeBackends(Proxy proxy) {
        this.proxy = proxy;
    }

    /** A request's way to a node, which is found by the search; its head gets the credential that the node asks for. */
    NodeCall call(EventLoop loop, Backend backend, CompletionStage<Node> search, Caller caller, HttpRequest head) {
        return new NodeCall(
                loop, backend, search, this, caller, key -> head.headers().set(PlatformKey.HEADER, key));
    }

    BackendGuard guard(Node node, Backend backend) {
        return node.local()
                ? proxy.guards().of(backend)
                : guards.computeIfAbsent(node.name(), _ -> proxy.guards().again())
                        .of(backend);
    }

    BackendPool pool(EventLoop loop, Node node, Backend backend) {
        return node.local()
                ? proxy.pool(loop, backend)
                : pools.computeIfAbsent(loop, _ -> new ConcurrentHashMap<>())
                        .computeIfAbsent(node.socket(backend), socket -> proxy.newPool(loop, socket));
    }
}
