package io.berth.registry.account;

import io.berth.registry.access.Action;
import io.berth.registry.access.RepositoryPattern;
import java.util.Set;

/**
 * That somebody may do something with some repositories. There are no rules that deny: what none allows is denied.
 *
 * @param id by which it is removed
 */
public record Policy(long id, RepositoryPattern repositories, Grantee grantee, Set<Action> actions) {
    public Policy {
        actions = Set.copyOf(actions);
    }
}
