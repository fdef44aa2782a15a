package io.berth.engine.network.dns;

import io.berth.engine.network.dns.ClientMessage.Query;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client's question on its way: servers are asked one after the other until one gives an answer, which may be that there is no
 * such name. Those that fail, refuse or keep silent are passed over (moby: libnetwork/resolver.go, forwardExtDNS).
 *
 * <p>Messages go unchanged in both directions but for the id, which is another random one for each server. The client gets
 * exactly one reply, unless the question is cancelled. On the loop's thread only.
 */
final class Forwarding {
    private final Query query;
    private final ByteBuffer message;
    private final Client client;
    private final Iterator<Upstream> servers;
    private final Forwarder forwarder;
    private final Shared shared;
    private @Nullable Attempt attempt;
    private int attemptId;

    /** @param message that the query was read from; copied */
    Forwarding(
            Query query,
            ByteBuffer message,
            Client client,
            List<Upstream> servers,
            Forwarder forwarder,
            Shared shared) {
        this.query = query;
        this.message = ByteBuffer.allocate(message.limit()).put(0, message, 0, message.limit());
        this.client = client;
        this.servers = servers.iterator();
        this.forwarder = forwarder;
        this.shared = shared;
    }

    boolean isStream() {
        return client.isStream();
    }

    /** Asks the next server; the client is told of a failure when there is none, or none may be asked any more. */
    void next() {
        attempt = null;
        if (servers.hasNext() && forwarder.mayForward()) {
            shared.unanswered().touch(this);
            forwarder.ask(servers.next(), this);
        } else {
            end();
            // As dockerd, also when nobody was asked: that there is no such name would be said for servers that may
            // know it.
            Responses.failure(query, message, Rcode.SERVER_FAILURE, shared.output());
            client.reply(shared.output());
        }
    }

    /** Says where the answer is waited for, before the question is sent there. */
    void asking(Attempt where, int id) {
        attempt = where;
        attemptId = id;
    }

    /** The question as it is sent, with the id of the attempt; from its position to its limit. */
    ByteBuffer question() {
        return message.clear().putShort(0, (short) attemptId);
    }

    /**
     * Whether a message is the answer to this question as it was sent (RFC 5452 section 9.1).
     *
     * @param response from 0 to its limit
     */
    boolean isAnsweredBy(ByteBuffer response) {
        return response.limit() >= Wire.HEADER
                && Wire.u16(response, 0) == attemptId
                && (Wire.u16(response, Wire.FLAGS_AT) & Wire.QR) != 0
                && Wire.u16(response, Wire.QUESTIONS_AT) == 1
                && Wire.same(message, response, Wire.HEADER, query.end());
    }

    /** Takes a server's answer, which nobody waits for any more. */
    void answered(ByteBuffer response) {
        int rcode = Wire.u16(response, Wire.FLAGS_AT) & Wire.RCODE;
        if (rcode == Rcode.SERVER_FAILURE.lowBits() || rcode == Rcode.REFUSED.lowBits()) {
            next();
            return;
        }
        end();
        client.reply(response.putShort(0, (short) query.id()));
    }

    /** The server asked has had its time. */
    void timedOut() {
        withdraw();
        next();
    }

    /** Ends without a reply. */
    void cancel() {
        withdraw();
        end();
    }

    private void withdraw() {
        if (attempt != null) {
            attempt.withdraw(attemptId);
            attempt = null;
        }
    }

    private void end() {
        shared.unanswered().remove(this);
        forwarder.ended(this);
    }
}
