package io.berth.engine.network.dns;

import io.berth.engine.network.dns.ClientMessage.Query;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks name servers what a container's networks do not know, by the transport that the client uses. On the loop's thread only.
 *
 * <p>A container has so many questions open at a time; more are refused, where dockerd lets them wait for as long as a server
 * may take.
 */
final class Forwarder {
    private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);

    /** Docker's (moby: libnetwork/resolver.go, maxConcurrent). */
    private static final int MOST_QUESTIONS = 1024;

    /** Each has a socket of its own. */
    private static final int MOST_STREAMS = 64;

    private final DnsView view;
    private final Shared shared;
    private final Set<Forwarding> questions = new HashSet<>();
    private final Map<Upstream, UpstreamSockets> datagrams = new HashMap<>();
    private final Set<UpstreamStream> streams = new HashSet<>();
    private final LogInterval logInterval = new LogInterval();

    Forwarder(DnsView view, Shared shared) {
        this.view = view;
        this.shared = shared;
    }

    /**
     * Asks servers; the client gets a reply in any case.
     *
     * @param message that the query was read from
     * @param servers in the order in which they are asked
     */
    void forward(Query query, ByteBuffer message, Client client, List<Upstream> servers) {
        if (questions.size() >= MOST_QUESTIONS || (client.isStream() && streams.size() >= MOST_STREAMS)) {
            if (logInterval.begin()) {
                LOG.atWarn()
                        .addKeyValue("questions", questions.size())
                        .log("container asks name servers too much at once");
            }
            Responses.failure(query, message, Rcode.REFUSED, shared.output());
            client.reply(shared.output());
            return;
        }
        var question = new Forwarding(query, message, client, servers, this, shared);
        questions.add(question);
        question.next();
    }

    /**
     * Whether the container's networks let questions out. Looked at before each server is asked, since it may change while a
     * question is on its way.
     */
    boolean mayForward() {
        try {
            return view.mayForward();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("cannot tell whether a container may ask name servers");
            return false;
        }
    }

    /** Sends a question to one server. */
    void ask(Upstream server, Forwarding question) {
        if (question.isStream()) {
            var stream = new UpstreamStream(server, question, shared, streams::remove);
            streams.add(stream);
            stream.open(view);
        } else {
            datagrams.computeIfAbsent(server, this::socketsTo).ask(question);
        }
    }

    private UpstreamSockets socketsTo(Upstream server) {
        return new UpstreamSockets(server, view, shared, () -> datagrams.remove(server));
    }

    void ended(Forwarding question) {
        questions.remove(question);
    }

    /** Cancels every question and closes every socket. */
    void close() {
        Set.copyOf(questions).forEach(Forwarding::cancel);
        List.copyOf(datagrams.values()).forEach(UpstreamSockets::close);
        Set.copyOf(streams).forEach(UpstreamStream::close);
    }
}
