package io.berth.registry.account;

import io.berth.registry.access.Subject;
import java.util.regex.Pattern;

/**
 * To whom a policy grants: {@code user:alice}, {@code robot:ci}, {@code oidc:repo:team/app}, {@code group:devs},
 * {@code authenticated} (every account and every user of the identity provider) or {@code anyone}.
 */
public record Grantee(String value) {
    /** Before the constants, which are checked by it. */
    private static final Pattern GRAMMAR =
            Pattern.compile("anyone|authenticated|(?:user|robot|oidc|group):[\\x21-\\x7e]{1,255}");

    public static final Grantee ANYONE = new Grantee("anyone");
    public static final Grantee AUTHENTICATED = new Grantee("authenticated");

    /** @throws IllegalArgumentException for anything else */
    public Grantee {
        if (!GRAMMAR.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "invalid grantee: one of user:NAME, group:NAME, robot:NAME, oidc:NAME, authenticated, anyone");
        }
    }

    /** A single subject. */
    static Grantee of(Subject subject) {
        return new Grantee(subject.toString());
    }

    @Override
    public String toString() {
        return value;
    }
}
