package io.berth.registry.account;

import io.berth.registry.access.Action;
import io.berth.registry.access.Subject;
import io.berth.registry.durability.DurableTransactions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * All accounts, robots and policies as they are now, in memory: each request is decided by them, so that what was taken from
 * somebody is gone with the next one. What another process on the same database changes is seen after a second: a request that
 * finds the view older than that asks the database whether it has changed, and cannot be decided while it does not answer.
 *
 * <p>Thread-safe. A change goes through {@link #change}, which returns when it is durable and in force.
 */
@Component
public class Directory {
    private static final Duration FRESH = Duration.ofSeconds(1);

    private final AccountRows accounts;
    private final RobotRows robots;
    private final PolicyRows policies;
    private final DurableTransactions transactions;
    private final ChangeCounter changes;
    private final Object loading = new Object();
    private volatile @Nullable View view;
    /** When the view was last known to be what the database has, by {@link System#nanoTime}. */
    private volatile long checkedNanos;

    /** @param version of the counter, read before the rest, so that a change in between is seen next time */
    private record View(
            long version, Map<String, Account> accounts, Map<String, Robot> robots, List<Policy> policies) {}

    Directory(
            AccountRows accounts,
            RobotRows robots,
            PolicyRows policies,
            ChangeCounter changes,
            DurableTransactions transactions) {
        this.changes = changes;
        this.accounts = accounts;
        this.robots = robots;
        this.policies = policies;
        this.transactions = transactions;
    }

    <T extends @Nullable Object> T change(Supplier<T> work) {
        try {
            return transactions.durable(() -> {
                T result = work.get();
                changes.count();
                return result;
            });
        } finally {
            // Also after a failure: the commit may have happened and only the sync failed.
            var _ = load();
        }
    }

    /** Read and published under one lock: a view that was read earlier must not replace one that was read later. */
    private View load() {
        synchronized (loading) {
            long now = System.nanoTime();
            View fresh = new View(
                    changes.version(),
                    accounts.findAll().stream()
                            .map(AccountEntity::account)
                            .collect(Collectors.toUnmodifiableMap(Account::name, Function.identity())),
                    robots.findAll().stream()
                            .map(RobotEntity::robot)
                            .collect(Collectors.toUnmodifiableMap(Robot::name, Function.identity())),
                    policies.findAll().stream().map(PolicyEntity::policy).toList());
            view = fresh;
            checkedNanos = now;
            return fresh;
        }
    }

    private View view() {
        View known = view;
        return known == null || outdated() ? checked() : known;
    }

    private boolean outdated() {
        return System.nanoTime() - checkedNanos > FRESH.toNanos();
    }

    private View checked() {
        synchronized (loading) {
            View known = view;
            if (known != null && !outdated()) {
                return known; // somebody else has asked meanwhile
            }
            long now = System.nanoTime();
            if (known == null || changes.version() != known.version()) {
                return load();
            }
            checkedNanos = now;
            return known;
        }
    }

    /** An account by its name, disabled ones included. */
    public Optional<Account> account(String name) {
        return Optional.ofNullable(view().accounts().get(name));
    }

    /** A robot by its name, disabled and expired ones included. */
    public Optional<Robot> robot(String name) {
        return Optional.ofNullable(view().robots().get(name));
    }

    List<Account> accounts() {
        return List.copyOf(view().accounts().values());
    }

    List<Robot> robots() {
        return List.copyOf(view().robots().values());
    }

    List<Policy> policies() {
        return view().policies();
    }

    /**
     * Whether the policies allow something.
     *
     * @param groups of the subject
     */
    public boolean allows(Subject subject, Set<String> groups, String repository, Action action) {
        String self = subject.toString();
        boolean person = subject.kind() == Subject.Kind.USER
                || subject.kind() == Subject.Kind.OIDC
                || subject.kind() == Subject.Kind.MEMBER;
        for (Policy policy : view().policies()) {
            if (!policy.actions().contains(action)) {
                continue;
            }
            String grantee = policy.grantee().value();
            boolean meant = grantee.equals(self)
                    || policy.grantee().equals(Grantee.ANYONE)
                    || (person && policy.grantee().equals(Grantee.AUTHENTICATED))
                    || (grantee.startsWith("group:") && groups.contains(grantee.substring("group:".length())));
            if (meant && policy.repositories().matches(repository)) {
                return true;
            }
        }
        return false;
    }
}
