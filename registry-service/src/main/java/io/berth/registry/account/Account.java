package io.berth.registry.account;

import io.berth.registry.access.Subject;
import java.time.Instant;
import java.util.Set;

/**
 * A person's account.
 *
 * @param passwordHash bcrypt; never leaves the service
 * @param administrator whether it may do everything
 * @param disabled whether it is refused
 * @param tokensFrom tokens issued before this are void
 */
public record Account(
        String name,
        String passwordHash,
        boolean administrator,
        boolean disabled,
        Set<String> groups,
        Instant createdAt,
        Instant tokensFrom) {
    public Account {
        groups = Set.copyOf(groups);
    }

    public Subject subject() {
        return Subject.user(name);
    }

    @Override
    public String toString() {
        return "Account[" + name + "]";
    }
}
