package io.berth.engine.network.kernel;

import io.berth.linux.netlink.Link;
import java.util.Optional;

/**
 * Marks links of the host as one engine's, by an alias such as {@code berth:<owner>:<network id>}, so that it removes only what
 * it made, also when another engine runs on the host, or when it died in between.
 *
 * @param name of the engine; without colons
 */
record LinkOwner(String name) {
    private static final String SCHEME = "berth:";

    LinkOwner {
        if (name.isEmpty() || name.indexOf(':') >= 0) {
            throw new IllegalArgumentException("owner of links: \"" + name + "\" (expected: text without a colon)");
        }
    }

    /** Whether any engine made a link, this one or another. */
    static boolean isOfSomeEngine(Link link) {
        return link.alias().startsWith(SCHEME);
    }

    /** The alias of a network's link. */
    String alias(String networkId) {
        return SCHEME + name + ":" + networkId;
    }

    boolean made(Link link, String networkId) {
        return link.alias().equals(alias(networkId));
    }

    /** The network that the engine made a link for; empty when it is somebody else's. */
    Optional<String> network(Link link) {
        String prefix = alias("");
        return link.alias().startsWith(prefix)
                ? Optional.of(link.alias().substring(prefix.length()))
                : Optional.empty();
    }
}
