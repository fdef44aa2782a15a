package io.berth.engine.container;

import io.berth.docker.container.HostConfig;
import io.berth.docker.error.InvalidParameter;
import io.berth.linux.capability.Capability;
import io.berth.linux.capability.CapabilitySet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which capabilities a container has (moby: daemon/pkg/oci/caps, TweakCapabilities). */
final class CapabilityChoice {
    private static final String ALL = "ALL";

    private CapabilityChoice() {}

    /**
     * @throws InvalidParameter for a capability that does not exist, in moby's words
     */
    static CapabilitySet of(HostConfig host) {
        List<String> add = normalised(host.capAdd(), "CapAdd");
        List<String> drop = normalised(host.capDrop(), "CapDrop");
        if (host.privileged()) {
            return CapabilitySet.all();
        }
        CapabilitySet set = CapabilitySet.DOCKER_DEFAULT;
        if (add.contains(ALL)) {
            set = CapabilitySet.all();
        } else if (drop.contains(ALL)) {
            set = CapabilitySet.NONE;
        }
        for (String name : drop) {
            set = name.equals(ALL) ? set : set.without(capability(name, "CapDrop"));
        }
        for (String name : add) {
            set = name.equals(ALL) || add.contains(ALL) ? set : set.with(capability(name, "CapAdd"));
        }
        return set.intersection(CapabilitySet.all());
    }

    private static List<String> normalised(@Nullable List<String> names, String field) {
        if (names == null) {
            return List.of();
        }
        List<String> upper =
                names.stream().map(name -> name.toUpperCase(Locale.ROOT)).toList();
        for (String name : upper) {
            if (!name.equals(ALL)) {
                Capability _ = capability(name, field);
            }
        }
        return upper;
    }

    private static Capability capability(String name, String field) {
        try {
            return Capability.parse(name);
        } catch (IllegalArgumentException e) {
            String full = name.startsWith("CAP_") ? name : "CAP_" + name;
            throw new InvalidParameter("invalid " + field + ": unknown capability: \"" + full + "\"", e);
        }
    }
}
