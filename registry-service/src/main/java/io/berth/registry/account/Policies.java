package io.berth.registry.account;

import io.berth.registry.access.Action;
import io.berth.registry.access.RepositoryPattern;
import io.berth.registry.audit.AuditLog;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The policies. Thread-safe; what a method has done is durable and in force when it returns. */
@Component
public class Policies {
    /** Each request looks at all of them. */
    private static final int MAX_POLICIES = 10_000;

    private final PolicyRows rows;
    private final Directory directory;
    private final AuditLog audit;
    private final Clock clock = Clock.systemUTC();

    Policies(PolicyRows rows, Directory directory, AuditLog audit) {
        this.rows = rows;
        this.directory = directory;
        this.audit = audit;
    }

    /** All policies in the order in which they were made. */
    public List<Policy> all() {
        return directory.policies().stream()
                .sorted(Comparator.comparingLong(Policy::id))
                .toList();
    }

    /**
     * Grants actions, in place of what the same pattern granted the same grantee before.
     *
     * @throws IllegalArgumentException when nothing is granted, when anybody at all could change repositories, or when there
     *     are too many policies
     */
    public Policy grant(RepositoryPattern repositories, Grantee grantee, Set<Action> actions) {
        if (actions.isEmpty()) {
            throw new IllegalArgumentException("no action is granted: one or more of pull, push, delete");
        }
        if (grantee.equals(Grantee.ANYONE) && !actions.equals(Set.of(Action.PULL))) {
            throw new IllegalArgumentException("anyone may be granted pull only");
        }
        if (directory.policies().size() >= MAX_POLICIES) {
            throw new IllegalArgumentException("there are " + MAX_POLICIES + " policies already");
        }
        return directory.change(() -> {
            PolicyEntity row = rows.findByRepositoriesAndGrantee(repositories.value(), grantee.value())
                    .orElseGet(() -> new PolicyEntity(repositories, grantee, actions, clock.instant()));
            row.actions(actions);
            Policy granted = rows.save(row).policy();
            audit.record("policy.grant", repositories.value(), described(granted));
            return granted;
        });
    }

    /** Takes a grant away. Whether there was one. */
    public boolean revoke(long id) {
        return directory.change(() -> {
            PolicyEntity row = rows.findById(id).orElse(null);
            if (row == null) {
                return false;
            }
            Policy revoked = row.policy();
            rows.delete(row);
            audit.record("policy.revoke", revoked.repositories().value(), described(revoked));
            return true;
        });
    }

    private static Map<String, String> described(Policy policy) {
        return Map.of("grantee", policy.grantee().value(), "actions", Action.format(policy.actions()));
    }
}
