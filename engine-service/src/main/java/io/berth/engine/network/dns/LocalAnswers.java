package io.berth.engine.network.dns;

import io.berth.engine.network.dns.ClientMessage.Query;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Answers what a container's networks know (moby: libnetwork/resolver.go, handleIPQuery and handlePTRQuery).
 *
 * <p>A known name is never asked for elsewhere: without a record of the type, its answer is empty. dockerd forwards such
 * questions for other types than A, AAAA and MX; here they would tell a server outside what runs inside.
 */
final class LocalAnswers {
    private final DnsView view;
    private final RandomGenerator random;

    LocalAnswers(DnsView view, RandomGenerator random) {
        this.view = view;
        this.random = random;
    }

    /**
     * Writes the answer, if there is one.
     *
     * @param message that the query was read from
     * @param limit bytes of the answer
     * @return whether there is one in the target, ready to be read from
     */
    boolean answer(Query query, ByteBuffer message, int limit, ByteBuffer target) {
        if (query.edns() != null && query.edns().version() != 0) {
            Responses.failure(query, message, Rcode.BAD_VERSION, target);
            return true;
        }
        if (query.name().isEmpty()) {
            return false;
        }
        if (query.isForPointer()) {
            InetAddress address = ReverseName.address(query.name());
            Optional<String> name = address == null ? Optional.empty() : view.name(address);
            if (name.isPresent()) {
                Responses.pointer(query, message, name.get(), limit, target);
                return true;
            }
        }
        List<InetAddress> addresses = view.addresses(query.name());
        if (addresses.isEmpty()) {
            return false;
        }
        if (query.isForAddresses()) {
            Responses.addresses(query, message, shuffled(addresses, query.type()), limit, target);
        } else {
            Responses.empty(query, message, target);
        }
        return true;
    }

    /** Those of a family, in another order each time: clients take the first, so this spreads them over all. */
    private List<InetAddress> shuffled(List<InetAddress> addresses, int type) {
        List<InetAddress> ofFamily = new ArrayList<>(addresses.size());
        for (InetAddress address : addresses) {
            if (address instanceof Inet4Address == (type == Wire.TYPE_A)) {
                ofFamily.add(address);
            }
        }
        if (ofFamily.size() > 1) {
            Collections.shuffle(ofFamily, random);
        }
        return ofFamily;
    }
}
