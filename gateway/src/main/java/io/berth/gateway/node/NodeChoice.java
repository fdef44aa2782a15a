package io.berth.gateway.node;

import java.util.concurrent.CompletionStage;

/** Where a request goes when there are several nodes. */
public sealed interface NodeChoice {
    /** To the platform, as ever: it is about no node. */
    record Elsewhere() implements NodeChoice {}

    /** To the internal listener, which asks several nodes or places something. */
    record Merged() implements NodeChoice {}

    /**
     * To one node, byte for byte.
     *
     * @param node completes on any thread; exceptionally with an {@link io.berth.docker.error.ApiException} for the client
     */
    record At(CompletionStage<Node> node) implements NodeChoice {}
}
