package io.berth.engine.network.dns;

import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of a container's name server. They hold the network namespace: it lives until they are closed.
 *
 * <p>Thread-safe.
 */
public final class DnsSockets implements AutoCloseable {
    private final DatagramChannel udp;
    private final int udpPort;
    private final ServerSocketChannel tcp;
    private final int tcpPort;
    private final SelectorLoop loop;

    /** Guarded by this object, as is {@link #closed}. */
    private @Nullable ContainerDns served;

    private boolean closed;

    DnsSockets(DatagramChannel udp, int udpPort, ServerSocketChannel tcp, int tcpPort, SelectorLoop loop) {
        this.udp = udp;
        this.udpPort = udpPort;
        this.tcp = tcp;
        this.tcpPort = tcpPort;
        this.loop = loop;
    }

    int udpPort() {
        return udpPort;
    }

    int tcpPort() {
        return tcpPort;
    }

    /** @throws IllegalStateException when the sockets have been served before, or closed */
    synchronized void serve(DnsView view, Shared shared) {
        if (closed || served != null) {
            throw new IllegalStateException("sockets are " + (closed ? "closed" : "served already"));
        }
        served = new ContainerDns(udp, tcp, view, shared);
        if (!loop.execute(served::begin)) {
            throw new IllegalStateException("server is closed");
        }
    }

    /**
     * Ends the container's name server. When this returns, no socket of it is open but one that is just being opened to ask a
     * server, which is closed at once. Not to be called by a {@link DnsView}.
     */
    @Override
    public void close() {
        ContainerDns ending;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            ending = served;
        }
        if (ending != null) {
            loop.runAndRelease(ending::close);
        }
        SelectorLoop.close(udp);
        SelectorLoop.close(tcp);
    }
}
