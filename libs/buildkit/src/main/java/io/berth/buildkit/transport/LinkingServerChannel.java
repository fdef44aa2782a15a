package io.berth.buildkit.transport;

import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.AttributeKey;

/**
 * Accepts in-process connections of which one end is gRPC's, a {@link BoundedLocalChannel}, and the other one a stream's. The
 * stream's end is told gRPC's in {@link #GRPC_END}.
 */
final class LinkingServerChannel extends LocalServerChannel {
    static final AttributeKey<BoundedLocalChannel> GRPC_END =
            AttributeKey.valueOf(LinkingServerChannel.class, "grpc-end");

    /** Made by a bootstrap. */
    LinkingServerChannel() {}

    @Override
    protected LocalChannel newLocalChannel(LocalChannel peer) {
        if (peer instanceof BoundedLocalChannel grpcEnd) {
            LocalChannel accepted = new LinkedChannel(this, peer);
            accepted.attr(GRPC_END).set(grpcEnd);
            return accepted;
        }
        BoundedLocalChannel accepted = new BoundedLocalChannel(this, peer);
        peer.attr(GRPC_END).set(accepted);
        return accepted;
    }

    private static final class LinkedChannel extends LocalChannel {
        LinkedChannel(LinkingServerChannel parent, LocalChannel peer) {
            super(parent, peer);
        }
    }
}
