package io.berth.engine.network.dns;

import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Opens sockets to name servers, away from the loop: a socket belongs to the network namespace of the thread that opens it, and
 * entering one takes a thread of its own.
 */
final class SocketOpener implements AutoCloseable {
    /** More would only compete for the processors: opening does not wait for anything outside. */
    private static final int THREADS = 2;

    private final SelectorLoop loop;
    private final ExecutorService threads = Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().name("dns-socket-", 0).daemon().factory());

    SocketOpener(SelectorLoop loop) {
        this.loop = loop;
    }

    /** How a kind of socket is opened. */
    @FunctionalInterface
    interface Kind<C extends SelectableChannel> {
        C open(InetSocketAddress server) throws IOException;

        /** A datagram socket at a port that the kernel chooses at random, which takes datagrams from the server alone. */
        Kind<DatagramChannel> DATAGRAM = server -> {
            DatagramChannel channel = DatagramChannel.open(family(server.getAddress()));
            return orClosed(channel, () -> channel.connect(server));
        };

        /** A stream whose connection is under way. */
        Kind<SocketChannel> STREAM = server -> {
            SocketChannel channel = SocketChannel.open(family(server.getAddress()));
            return orClosed(channel, () -> channel.connect(server));
        };
    }

    @FunctionalInterface
    private interface Connecting {
        Object begin() throws IOException;
    }

    private static <C extends SelectableChannel> C orClosed(C channel, Connecting connecting) throws IOException {
        try {
            channel.configureBlocking(false);
            connecting.begin();
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static ProtocolFamily family(InetAddress address) {
        return address instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    }

    /**
     * Opens a socket; what came of it is told on the loop's thread.
     *
     * @param opened gets the channel, in non-blocking mode and not yet registered
     * @param failed gets the reason
     */
    <C extends SelectableChannel> void open(
            Kind<C> kind, Upstream server, DnsView view, Consumer<C> opened, Consumer<Exception> failed) {
        threads.execute(() -> {
            try {
                C channel = open(kind, server, view);
                if (!loop.execute(() -> opened.accept(channel))) {
                    channel.close();
                }
            } catch (IOException | RuntimeException e) {
                loop.execute(() -> failed.accept(e));
            }
        });
    }

    private static <C extends SelectableChannel> C open(Kind<C> kind, Upstream server, DnsView view)
            throws IOException {
        if (server.askedFrom() == Upstream.Side.HOST) {
            return kind.open(server.address());
        }
        try (Fd namespace = view.openNamespace()) {
            return Namespaces.callIn(namespace, Namespace.NETWORK, () -> {
                try {
                    return kind.open(server.address());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    /** Ends the threads when they have opened what they are at. */
    @Override
    public void close() {
        threads.shutdownNow();
        boolean interrupted = false;
        while (!threads.isTerminated()) {
            try {
                threads.awaitTermination(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
