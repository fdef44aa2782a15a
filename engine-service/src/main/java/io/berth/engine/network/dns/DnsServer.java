package io.berth.engine.network.dns;

import io.berth.linux.SyscallException;
import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import io.berth.linux.nftables.DnsRedirect;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;

/**
 * The name servers of all containers, on one thread. A container has two descriptors, and more for as long as it asks servers
 * outside or is connected by TCP.
 *
 * <p>A container finds its server at 127.0.0.11 port 53. The sockets have other ports, and what is sent there is redirected to
 * them: with that port taken, no program of the container's could listen on it at all addresses.
 *
 * <p>Thread-safe. Servers that are asked from the host's side are so from the network namespace of the thread that makes this
 * object.
 */
public final class DnsServer implements AutoCloseable {
    /** Some thousand queries; the kernel allows less where net.core.rmem_max does. */
    private static final int RECEIVE_BUFFER = 1 << 20;

    private static final int BACKLOG = 128;

    private final SelectorLoop loop;
    private final Shared shared;

    /** @throws UncheckedIOException when descriptors run out */
    public DnsServer() {
        this(Shared.Times.USUAL);
    }

    DnsServer(Shared.Times times) {
        this.loop = SelectorLoop.open("dns");
        this.shared = Shared.around(loop, times);
        loop.start();
    }

    /**
     * Opens a container's sockets and redirects port 53 to them; what is asked before they are served waits. In a namespace that
     * has had sockets before, as that of a container which outlived the engine, these take over from them in one step.
     *
     * @param namespace with {@code lo} up; not used after the call returns
     * @throws UncheckedIOException when the sockets cannot be opened
     * @throws SyscallException when the kernel refuses the redirect; nothing is left open
     */
    public DnsSockets open(Fd namespace) {
        return Namespaces.callIn(namespace, Namespace.NETWORK, this::openHere);
    }

    /** The same, in the namespace that the calling thread is in. */
    public DnsSockets openHere() {
        DnsSockets sockets = bind();
        try {
            Redirection.install(sockets.udpPort(), sockets.tcpPort());
            return sockets;
        } catch (RuntimeException e) {
            sockets.close();
            throw e;
        }
    }

    private DnsSockets bind() {
        var any = new InetSocketAddress(DnsRedirect.ADDRESS, 0);
        DatagramChannel udp = null;
        ServerSocketChannel tcp = null;
        try {
            udp = DatagramChannel.open(StandardProtocolFamily.INET);
            udp.configureBlocking(false);
            udp.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
            udp.bind(any);
            tcp = ServerSocketChannel.open(StandardProtocolFamily.INET);
            tcp.configureBlocking(false);
            tcp.bind(any, BACKLOG);
            return new DnsSockets(udp, port(udp.getLocalAddress()), tcp, port(tcp.getLocalAddress()), loop);
        } catch (IOException e) {
            if (udp != null) {
                SelectorLoop.close(udp);
            }
            if (tcp != null) {
                SelectorLoop.close(tcp);
            }
            throw new UncheckedIOException("cannot open a name server at " + any, e);
        }
    }

    private static int port(SocketAddress address) {
        return ((InetSocketAddress) address).getPort();
    }

    /**
     * Begins to answer a container's queries.
     *
     * @param view what it may know; asked until the sockets are closed
     * @throws IllegalStateException when the sockets are served already, or closed
     */
    public void serve(DnsSockets sockets, DnsView view) {
        sockets.serve(view, shared);
    }

    /** Ends the name servers of all containers. Sockets that are not served yet stay open: their owners close them. */
    @Override
    public void close() {
        loop.close();
        shared.opener().close();
    }
}
