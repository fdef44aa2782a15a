package io.berth.engine.network.dns;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a container's connections, up to a number; others wait in the kernel's queue until one of them ends, as idle ones soon
 * do. On the loop's thread only.
 */
final class TcpListener implements SelectorLoop.Handler {
    private static final Logger LOG = LoggerFactory.getLogger(TcpListener.class);
    private static final int MOST_CLIENTS = 64;
    private static final int MOST_AT_A_TIME = 8;

    private final ServerSocketChannel channel;
    private final Shared shared;
    private final QueryHandler queries;
    private final Set<TcpClient> clients = new LinkedHashSet<>();

    TcpListener(ServerSocketChannel channel, Shared shared, QueryHandler queries) {
        this.channel = channel;
        this.shared = shared;
        this.queries = queries;
    }

    @Override
    public void ready(SelectionKey key) {
        try {
            for (int i = 0; i < MOST_AT_A_TIME && clients.size() < MOST_CLIENTS; i++) {
                SocketChannel client = channel.accept();
                if (client == null) {
                    break;
                }
                admit(client);
            }
            listen(clients.size() < MOST_CLIENTS);
        } catch (IOException e) {
            // Descriptors have run out, most likely. The connection stays in the queue, so asking again at once would
            // not end.
            LOG.atWarn().setCause(e).log("accepting a name server's client failed");
            listen(false);
            shared.pausedListeners().touch(this);
        }
    }

    private void admit(SocketChannel accepted) {
        try {
            accepted.configureBlocking(false);
            var client = new TcpClient(accepted, shared, queries, this::ended);
            client.begin();
            clients.add(client);
        } catch (IOException e) {
            SelectorLoop.close(accepted);
        }
    }

    private void ended(TcpClient client) {
        clients.remove(client);
        listen(true);
    }

    /** Accepts again after a failure. */
    void resume() {
        listen(clients.size() < MOST_CLIENTS);
    }

    private void listen(boolean wanted) {
        SelectionKey key = shared.loop().keyOf(channel);
        if (key != null && key.isValid()) {
            key.interestOps(wanted ? SelectionKey.OP_ACCEPT : 0);
        }
    }

    /** Ends every connection, and the listening. */
    void close() {
        shared.pausedListeners().remove(this);
        SelectorLoop.close(channel);
        Set.copyOf(clients).forEach(TcpClient::close);
    }
}
