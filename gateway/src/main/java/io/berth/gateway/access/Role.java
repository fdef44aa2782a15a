package io.berth.gateway.access;

import java.util.Locale;

/** What somebody is to the platform. The declared order is from much to little. */
public enum Role {
    /** Everything: nodes, all containers, limits, prune, policies, users. */
    OPERATOR,
    /** Builds, pushes, runs and sees what belongs to its projects. */
    DEVELOPER,
    /** Looks at what belongs to its projects. */
    VIEWER;

    /** The name in JSON, settings and on the command line: {@code operator}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The role of a name.
     *
     * @throws IllegalArgumentException for any other text
     */
    public static Role of(String id) {
        for (Role role : values()) {
            if (role.id().equals(id)) {
                return role;
            }
        }
        throw new IllegalArgumentException("invalid role: one of operator, developer, viewer");
    }

    /** Whether somebody of this role may hand out another one. */
    public boolean covers(Role other) {
        return compareTo(other) <= 0;
    }
}
