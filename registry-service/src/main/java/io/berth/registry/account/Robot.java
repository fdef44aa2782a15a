package io.berth.registry.account;

import io.berth.registry.access.Subject;
import java.time.Instant;

/**
 * A named machine. It may do what is granted to it by name, and what everybody may; never what its maker may.
 *
 * @param secretHash SHA-256 of its secret, which has 256 random bits; never leaves the service
 * @param expiresAt when its secret ends
 * @param tokensFrom tokens issued before this are void
 */
public record Robot(
        String name,
        String description,
        String secretHash,
        boolean disabled,
        Instant createdAt,
        Instant expiresAt,
        Instant tokensFrom) {
    /** What comes before a robot's name where it logs in; no account's name has a plus sign. */
    public static final String LOGIN_PREFIX = "robot+";

    public Subject subject() {
        return Subject.robot(name);
    }

    @Override
    public String toString() {
        return "Robot[" + name + "]";
    }
}
