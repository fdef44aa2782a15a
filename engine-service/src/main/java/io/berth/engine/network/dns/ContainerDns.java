package io.berth.engine.network.dns;

import io.berth.engine.network.dns.ClientMessage.Ignored;
import io.berth.engine.network.dns.ClientMessage.Query;
import io.berth.engine.network.dns.ClientMessage.Rejected;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The name server of one container (moby: libnetwork/resolver.go, serveDNS). On the loop's thread only. */
final class ContainerDns implements QueryHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerDns.class);

    private final DatagramChannel udp;
    private final ServerSocketChannel tcp;
    private final DnsView view;
    private final Shared shared;
    private final LocalAnswers local;
    private final Forwarder forwarder;
    private final TcpListener listener;
    private final LogInterval logInterval = new LogInterval();

    ContainerDns(DatagramChannel udp, ServerSocketChannel tcp, DnsView view, Shared shared) {
        this.udp = udp;
        this.tcp = tcp;
        this.view = view;
        this.shared = shared;
        this.local = new LocalAnswers(view, shared.random());
        this.forwarder = new Forwarder(view, shared);
        this.listener = new TcpListener(tcp, shared, this);
    }

    /** Begins to answer; what came before is answered first. */
    void begin() {
        try {
            shared.loop().register(udp, SelectionKey.OP_READ, new UdpListener(udp, shared.input(), this));
            shared.loop().register(tcp, SelectionKey.OP_ACCEPT, listener);
        } catch (IOException e) {
            LOG.atError().setCause(e).log("name server of a container cannot begin");
        }
    }

    @Override
    public boolean received(ByteBuffer message, Client client) {
        switch (ClientMessage.parse(message)) {
            case Ignored _ -> {
                return false;
            }
            case Rejected rejected -> {
                Responses.rejection(rejected, shared.output());
                client.reply(shared.output());
            }
            case Query query -> {
                Upstreams upstreams = answer(query, message, client);
                if (upstreams == null) {
                    client.reply(shared.output());
                } else {
                    forwarder.forward(query, message, client, upstreams.servers());
                }
            }
        }
        return true;
    }

    /** Writes an answer to the shared output, or returns whom to ask for it. */
    private @Nullable Upstreams answer(Query query, ByteBuffer message, Client client) {
        try {
            int limit = client.isStream() ? Wire.MOST_MESSAGE : query.datagramLimit();
            if (local.answer(query, message, limit, shared.output())) {
                return null;
            }
            Upstreams upstreams = view.upstreams();
            if (!upstreams.singleLabels() && query.isForAddresses() && query.isSingleLabel()) {
                Responses.empty(query, message, shared.output());
                return null;
            }
            return upstreams;
        } catch (RuntimeException e) {
            if (logInterval.begin()) {
                LOG.atError().setCause(e).addKeyValue("name", query.name()).log("looking up a name failed");
            }
            Responses.failure(query, message, Rcode.SERVER_FAILURE, shared.output());
            return null;
        }
    }

    /** Ends it, with everything that it has open. */
    void close() {
        SelectorLoop.close(udp);
        listener.close();
        forwarder.close();
    }
}
