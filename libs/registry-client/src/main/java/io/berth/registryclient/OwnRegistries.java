package io.berth.registryclient;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Registries that the platform runs itself, for which it has tokens of its own: whoever may command the platform need not log
 * in to its registry. Implementations are thread-safe.
 */
@FunctionalInterface
public interface OwnRegistries {
    /** There are none. */
    OwnRegistries NONE = (domain, scopes, onBehalfOf) -> Optional.empty();

    /**
     * A token for some scopes.
     *
     * @param domain the registry as image references name it, {@code localhost:2375}
     * @param scopes resource scopes of the token specification, {@code repository:team/app:pull}
     * @param onBehalfOf who commands the platform, as its gateway says; null for an operator
     * @return empty when that registry is not one of the platform's
     * @throws IOException when it is, and gives no token
     */
    Optional<BearerToken> token(String domain, List<String> scopes, @Nullable String onBehalfOf) throws IOException;

    /** By which they are named and reached, {@code localhost:2375}: whoever names one of them may reach all, wherever they lead. */
    default Set<String> hosts() {
        return Set.of();
    }

    /**
     * Where such a registry is reached by plain HTTP when its name does not lead there, as from a container that has a loopback address of its own.
     *
     * @param domain the registry as image references name it, {@code localhost:2375}
     * @return host and port, {@code gateway:2375}; empty when the name leads there, or the registry is not one of the platform's
     */
    default Optional<String> address(String domain) {
        return Optional.empty();
    }
}
