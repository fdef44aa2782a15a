package io.berth.gateway.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;

/** How a client's connection stops to be one of requests: as a raw stream, or by its end. Confined to its event loop. */
final class ClientPipeline {
    private final Channel channel;
    private final RequestDecoder decoder;
    private final ClientResponseEncoder encoder;
    private final ChannelHandler requests;

    /** @param requests what handles requests until then */
    ClientPipeline(Channel channel, RequestDecoder decoder, ClientResponseEncoder encoder, ChannelHandler requests) {
        this.channel = channel;
        this.decoder = decoder;
        this.encoder = encoder;
        this.requests = requests;
    }

    /** Leaves the connection to a relay; the head that begins the stream has been sent. */
    void becomeRaw(RawRelay relay, Runnable joinBackend) {
        boolean inputEnded = decoder.inputEnded();
        channel.pipeline().addLast(relay);
        channel.pipeline().remove(encoder);
        channel.pipeline().remove(requests);
        // Both relays must stand before either decoder hands on the bytes that it holds.
        joinBackend.run();
        channel.pipeline().remove(decoder);
        if (inputEnded) {
            relay.inputEnded();
        }
    }

    /** Ends the connection so that what has been written is still read. */
    void linger() {
        LingeringClose linger = new LingeringClose();
        channel.pipeline().addLast(linger);
        channel.pipeline().remove(requests);
        channel.pipeline().remove(encoder);
        channel.pipeline().remove(decoder);
        linger.start(channel, decoder.inputEnded());
    }
}
