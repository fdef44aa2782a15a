package io.berth.engine.network;

import java.util.List;

/**
 * A container that is connected to a network.
 *
 * @param containerId 64 hex digits
 * @param containerName as it is now
 * @param dnsNames by which others in the network find it, in Docker's order
 * @param links {@code container:alias}: names that it alone knows
 */
record Member(String containerId, String containerName, List<String> dnsNames, List<String> links, Endpoint endpoint) {
    Member {
        dnsNames = List.copyOf(dnsNames);
        links = List.copyOf(links);
    }
}
