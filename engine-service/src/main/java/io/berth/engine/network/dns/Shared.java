package io.berth.engine.network.dns;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;

/**
 * What the servers of all containers share. On the loop's thread only, once that has been started.
 *
 * @param idleClients connections that send no query
 * @param pausedListeners that could not accept
 * @param unanswered questions that a server has not answered yet
 * @param idleSockets through which no server has been asked for a while
 * @param input holds a message that was received, while it is handled
 * @param output holds a message until it is sent
 * @param random of which nobody can tell what comes next: ids that could be foreseen would let others answer (RFC 5452)
 */
record Shared(
        SelectorLoop loop,
        SocketOpener opener,
        Expiry<TcpClient> idleClients,
        Expiry<TcpListener> pausedListeners,
        Expiry<Forwarding> unanswered,
        Expiry<UpstreamSocket> idleSockets,
        ByteBuffer input,
        ByteBuffer output,
        SecureRandom random) {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /**
     * How long things are waited for, or kept.
     *
     * @param client a connection that sends no query
     * @param answer for each server
     * @param socket one through which no server is asked; longer than a server's time to answer, so that no question is open when it ends
     */
    record Times(Duration client, Duration answer, Duration socket) {
        /** The time for an answer is Docker's (moby: libnetwork/resolver.go, extIOTimeout). */
        static final Times USUAL = new Times(Duration.ofSeconds(10), Duration.ofSeconds(4), Duration.ofSeconds(5));
    }

    /** @param loop not yet started */
    static Shared around(SelectorLoop loop, Times times) {
        return new Shared(
                loop,
                new SocketOpener(loop),
                loop.expiry(times.client(), TcpClient::idle),
                loop.expiry(PAUSE, TcpListener::resume),
                loop.expiry(times.answer(), Forwarding::timedOut),
                loop.expiry(times.socket(), UpstreamSocket::close),
                ByteBuffer.allocateDirect(Wire.MOST_MESSAGE),
                ByteBuffer.allocateDirect(Wire.MOST_MESSAGE),
                new SecureRandom());
    }
}
