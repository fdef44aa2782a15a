package io.berth.gateway.proxy;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.SystemFailure;
import io.berth.docker.error.Unavailable;
import io.berth.gateway.node.Node;
import io.berth.gateway.resilience.Admission;
import io.berth.gateway.resilience.Admission.Permit;
import io.berth.gateway.resilience.Caller;
import io.berth.gateway.route.Backend;
import io.netty.channel.EventLoop;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request's way to a node that may have to be found first: it is the connector and the permit of an {@link Exchange},
 * and ends its waiting when the node is lost. Confined to its event loop.
 */
final class NodeCall implements Connector, Permit, BackendPool.Waiter {
    private final EventLoop loop;
    private final Backend backend;
    private final CompletionStage<Node> search;
    private final NodeBackends backends;
    private final Caller caller;
    private final Consumer<String> credential;
    private final Consumer<Unavailable> whenLost = this::nodeLost;

    private BackendPool.@Nullable Waiter waiter;
    private @Nullable Node node;
    private @Nullable Permit permit;
    private boolean settled;

    /**
     * @param search what finds the node
     * @param caller whose places it takes
     * @param credential takes what the node's services ask for, before the request is written
     */
    NodeCall(
            EventLoop loop,
            Backend backend,
            CompletionStage<Node> search,
            NodeBackends backends,
            Caller caller,
            Consumer<String> credential) {
        this.loop = loop;
        this.backend = backend;
        this.search = search;
        this.backends = backends;
        this.caller = caller;
        this.credential = credential;
    }

    // --- the connector

    @Override
    public void acquire(BackendPool.Waiter wanting) {
        waiter = wanting;
        var _ = search.whenComplete((found, failure) -> {
            if (loop.inEventLoop()) {
                arrive(found, failure);
            } else {
                loop.execute(() -> arrive(found, failure));
            }
        });
    }

    private void arrive(@Nullable Node found, @Nullable Throwable failure) {
        if (settled) {
            return;
        }
        if (found == null) {
            connectFailed(failure == null ? new SystemFailure("no node") : failure);
            return;
        }
        Optional<Unavailable> obstacle = found.obstacle(backend);
        if (obstacle.isPresent()) {
            connectFailed(obstacle.get());
            return;
        }
        node = found;
        switch (backends.guard(found, backend).admit(caller)) {
            case Admission.Refusal refusal -> connectFailed(found.unreachable(refusal.reason()));
            case Permit admitted -> {
                permit = admitted;
                found.waits(whenLost);
                backends.pool(loop, found, backend).acquire(this);
            }
        }
    }

    @Override
    public void connect(BackendPool.Waiter wanting) {
        waiter = wanting;
        Node found = node;
        if (found != null) {
            backends.pool(loop, found, backend).connect(this);
        }
    }

    // --- between the pool and the exchange

    @Override
    public void connected(BackendConnection connection) {
        BackendPool.Waiter wanting = waiter;
        if (wanting == null || settled) {
            connection.giveBack();
            return;
        }
        if (node != null) {
            credential.accept(node.keyValue());
        }
        wanting.connected(connection);
    }

    @Override
    public void connectFailed(Throwable cause) {
        Throwable reason =
                cause instanceof CompletionException wrapped && wrapped.getCause() != null ? wrapped.getCause() : cause;
        if (waiter != null) {
            waiter.connectFailed(
                    reason instanceof ApiException || node == null
                            ? reason
                            : node.unreachable(backend.label() + ": it does not accept connections"));
        }
    }

    private void nodeLost(Unavailable error) {
        loop.execute(() -> {
            if (!settled && waiter != null) {
                waiter.lost(error);
            }
        });
    }

    // --- the permit

    @Override
    public void connected() {
        if (permit != null) {
            permit.connected();
        }
    }

    @Override
    public boolean refusedConnection() {
        // A node that could not be found, or is lost, is not about to restart.
        return permit != null && node != null && node.obstacle(backend).isEmpty() && permit.refusedConnection();
    }

    @Override
    public void retried() {
        if (permit != null) {
            permit.retried();
        }
    }

    @Override
    public void responded() {
        settle();
        if (permit != null) {
            permit.responded();
        }
    }

    @Override
    public void failed(Throwable cause) {
        settle();
        if (permit != null) {
            permit.failed(cause);
        }
    }

    @Override
    public void cancelled() {
        settle();
        if (permit != null) {
            permit.cancelled();
        }
    }

    private void settle() {
        settled = true;
        if (node != null) {
            node.waitsNoMore(whenLost);
        }
    }
}
