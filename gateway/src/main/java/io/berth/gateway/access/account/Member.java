package io.berth.gateway.access.account;

import io.berth.gateway.access.Role;
import java.time.Instant;
import java.util.List;

/**
 * A user.
 *
 * @param passwordHash bcrypt, or empty for somebody who uses tokens only; never leaves the service
 * @param projects the first one is where new things go
 */
public record Member(
        String name, String passwordHash, Role role, List<String> projects, boolean disabled, Instant createdAt) {
    public Member {
        projects = List.copyOf(projects);
    }

    @Override
    public String toString() {
        return "Member[" + name + "]";
    }
}
