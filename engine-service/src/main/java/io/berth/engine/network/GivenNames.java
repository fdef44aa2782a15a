package io.berth.engine.network;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the names in a container's settings stood for when it was given them. Who has got a name or a similar id since is another.
 *
 * @param networks ids by the names of networks that users have made; one that was not there yet is not among them
 * @param linked ids of containers by how links name them
 */
public record GivenNames(Map<String, String> networks, Map<String, String> linked) {
    /** Nothing is named. */
    public static final GivenNames NONE = new GivenNames(Map.of(), Map.of());

    @SuppressWarnings("ConstantValue") // what was written before there were any has none
    public GivenNames {
        networks = networks == null ? Map.of() : Map.copyOf(networks);
        linked = linked == null ? Map.of() : Map.copyOf(linked);
    }

    /** The same, where a network's name stands for this one. */
    public GivenNames with(NetworkSpec network) {
        Map<String, String> changed = new LinkedHashMap<>(networks);
        if (network.predefined()) {
            changed.remove(network.name());
        } else {
            changed.put(network.name(), network.id());
        }
        return new GivenNames(Collections.unmodifiableMap(changed), linked);
    }
}
