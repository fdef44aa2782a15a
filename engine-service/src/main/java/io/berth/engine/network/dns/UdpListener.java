package io.berth.engine.network.dns;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a container's queries by UDP. On the loop's thread only. */
final class UdpListener implements SelectorLoop.Handler {
    private static final Logger LOG = LoggerFactory.getLogger(UdpListener.class);

    /** Datagrams read at a time, before other containers get their turn. */
    private static final int MOST_AT_A_TIME = 32;

    private final DatagramChannel channel;
    private final ByteBuffer buffer;
    private final QueryHandler queries;

    /** @param buffer shared; holds what is received until the handler returns */
    UdpListener(DatagramChannel channel, ByteBuffer buffer, QueryHandler queries) {
        this.channel = channel;
        this.buffer = buffer;
        this.queries = queries;
    }

    @Override
    public void ready(SelectionKey key) {
        try {
            for (int i = 0; i < MOST_AT_A_TIME; i++) {
                SocketAddress sender = channel.receive(buffer.clear());
                if (sender == null) {
                    return;
                }
                queries.received(buffer.flip(), new Sender(channel, sender)); // who gets no reply waits in vain
            }
        } catch (IOException e) {
            // About a datagram sent earlier, whose sender has gone; the socket itself is well.
            LOG.atDebug().setCause(e).log("receiving a query failed");
        }
    }

    private record Sender(DatagramChannel channel, SocketAddress address) implements Client {
        @Override
        public void reply(ByteBuffer response) {
            try {
                if (channel.isOpen()) {
                    channel.send(
                            response, address); // lost when the buffer is full, as datagrams are: clients ask again
                }
            } catch (IOException e) {
                LOG.atDebug().setCause(e).log("sending an answer failed");
            }
        }

        @Override
        public boolean isStream() {
            return false;
        }
    }
}
