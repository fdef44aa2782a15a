package io.berth.gateway.access.account;

import io.berth.gateway.access.Role;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A token or a session, as it is kept: of the secret there is a hash only.
 *
 * @param name what its maker called it; a token that is nobody's acts under it
 * @param secretHash SHA-256, 64 hexadecimal digits
 * @param member whose it is; empty for a token that is nobody's
 * @param role at most; a member's own role may be less by now
 * @param expiresAt null for never
 * @param parent the token that a session was begun with, and ends with; 0 for none
 */
public record Credential(
        long id,
        Kind kind,
        String name,
        String secretHash,
        String member,
        Role role,
        List<String> projects,
        Instant createdAt,
        @Nullable Instant expiresAt,
        long parent) {
    public Credential {
        projects = List.copyOf(projects);
    }

    /** What it is for. */
    public enum Kind {
        TOKEN,
        SESSION
    }

    /** Who acts with it. */
    public String actor() {
        return member.isEmpty() ? name : member;
    }

    /** Whether it is over. */
    public boolean expired(Instant now) {
        return expiresAt != null && !now.isBefore(expiresAt);
    }

    @Override
    public String toString() {
        return "Credential[" + id + "]";
    }
}
