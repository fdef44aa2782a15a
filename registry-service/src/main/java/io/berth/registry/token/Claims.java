package io.berth.registry.token;

import io.berth.registry.access.Action;
import io.berth.registry.access.Subject;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * What a valid token says.
 *
 * @param subject whose it is
 * @param groups of a user of the identity provider; empty for everybody else, whose groups are looked up
 * @param issuedAt to the microsecond
 * @param expiresAt to the second
 * @param scopes what it may be used for
 */
public record Claims(Subject subject, Set<String> groups, Instant issuedAt, Instant expiresAt, List<Scope> scopes) {
    public Claims {
        groups = Set.copyOf(groups);
        scopes = List.copyOf(scopes);
    }

    /** Whether the token is for an action on a repository. */
    public boolean covers(String repository, Action action) {
        return scopes.stream().anyMatch(scope -> scope.covers(repository, action));
    }

    /** Whether the token is for listing the repositories. */
    public boolean coversCatalog() {
        return scopes.stream().anyMatch(Scope::coversCatalog);
    }
}
