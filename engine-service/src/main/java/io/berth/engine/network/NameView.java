package io.berth.engine.network;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The names that one container knows: those of its networks, as they are at the moment of asking. Takes no lock. Thread-safe.
 */
final class NameView {
    private final String containerId;
    private final Supplier<List<Network>> networks;

    /**
     * @param networks that it is connected to, now, in the order of its interfaces
     */
    NameView(String containerId, Supplier<List<Network>> networks) {
        this.containerId = containerId;
        this.networks = networks;
    }

    /**
     * Addresses of who answers to a name: in the first of the container's networks that knows it, as in Docker.
     *
     * @param name in lower case, without a dot at the end; with a network's name behind it, in that network only
     */
    List<InetAddress> addresses(String name) {
        for (Network network : networks.get()) {
            List<InetAddress> found = in(network, name);
            if (!found.isEmpty()) {
                return found;
            }
        }
        for (Network network : networks.get()) {
            String suffix = "." + network.spec().name().toLowerCase(Locale.ROOT);
            if (name.endsWith(suffix)) {
                List<InetAddress> found = in(network, name.substring(0, name.length() - suffix.length()));
                if (!found.isEmpty()) {
                    return found;
                }
            }
        }
        return List.of();
    }

    private List<InetAddress> in(Network network, String name) {
        if (!network.spec().hasNames()) {
            return List.of();
        }
        List<InetAddress> addresses = new ArrayList<>();
        network.named(name).forEach(endpoint -> addresses.addAll(endpoint.addresses()));
        if (addresses.isEmpty()) {
            linked(network, name).ifPresent(endpoint -> addresses.addAll(endpoint.addresses()));
        }
        return addresses;
    }

    /** Whom the container alone knows by a name. */
    private Optional<Endpoint> linked(Network network, String alias) {
        return network.member(containerId).stream()
                .flatMap(member -> member.links().stream())
                .map(LinkedName::parse)
                .filter(link -> link.alias().equalsIgnoreCase(alias))
                .flatMap(link -> network.named(link.name().toLowerCase(Locale.ROOT)).stream())
                .findFirst();
    }

    /** The name of who has an address, with that of the network. */
    Optional<String> name(InetAddress address) {
        for (Network network : networks.get()) {
            Optional<Member> owner = network.spec().hasNames() ? network.owner(address) : Optional.empty();
            if (owner.isPresent()) {
                return Optional.of(
                        owner.get().containerName() + "." + network.spec().name());
            }
        }
        return Optional.empty();
    }

    /** Whether one of the networks leads out. */
    boolean leadsOut() {
        return networks.get().stream().anyMatch(network -> !network.spec().internal());
    }
}
