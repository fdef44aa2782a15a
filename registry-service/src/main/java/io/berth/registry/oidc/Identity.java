package io.berth.registry.oidc;

import java.util.Set;

/**
 * Somebody whom the identity provider vouches for.
 *
 * @param name the value of the claim that names users, 1 to 255 printable ASCII characters
 * @param groups the values of the claim that names groups
 */
public record Identity(String name, Set<String> groups) {
    public Identity {
        groups = Set.copyOf(groups);
    }
}
