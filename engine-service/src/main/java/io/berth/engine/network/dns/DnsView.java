package io.berth.engine.network.dns;

import io.berth.linux.fd.Fd;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What one container may know by name, as it is at the moment of asking: a container that is connected to another network, or a
 * peer that comes or goes, changes what the view answers and nothing else.
 *
 * <p>Thread-safe. All but {@link #openNamespace} are called on the thread that serves every container: they do not block, take
 * no lock that anybody holds for long, and do not close the container's {@link DnsSockets}.
 */
public interface DnsView {
    /**
     * Addresses, of both families, of what has a name on the container's networks: names, aliases, short ids, and these with a
     * network's name behind ({@code web.backend}).
     *
     * @param name lower-cased, without a dot at the end; never empty
     * @return empty when the name is not known
     */
    List<InetAddress> addresses(String name);

    /**
     * The name of a peer with an address on one of the container's networks, such as {@code web.backend}.
     *
     * @return without a dot at the end; labels of 1 to 63 bytes
     */
    Optional<String> name(InetAddress address);

    /**
     * Whether questions may leave the engine at all. False for a container that has internal networks only: not even a packet
     * goes out, since names can carry data (CVE-2024-29018).
     */
    boolean mayForward();

    /** Whom to ask for what is not known here. */
    Upstreams upstreams();

    /**
     * Opens the container's network namespace, from which servers are asked. Called on a thread that may block, for each socket
     * anew, so that nothing holds the namespace meanwhile.
     *
     * @return owned by the caller
     * @throws RuntimeException when the container has ended
     */
    Fd openNamespace();
}
