package io.berth.registry.access;

import java.util.Locale;
import java.util.Optional;

/**
 * Who somebody is. Written {@code user:alice}, {@code robot:ci}, {@code oidc:repo:team/app}, {@code member:alice}, or the kind alone for those
 * that need no name.
 *
 * @param kind what sort of caller
 * @param name of the account, the robot or the identity provider's user; empty for the other kinds
 */
public record Subject(Kind kind, String name) {
    /** Sorts of callers. */
    public enum Kind {
        /** A person's account. */
        USER,
        /** A named machine with rights of its own. */
        ROBOT,
        /** Somebody whom the identity provider vouches for. */
        OIDC,
        /** Somebody whom the gateway knows: a user of the platform, or a token that is nobody's. */
        MEMBER,
        /** A service of this platform. */
        PLATFORM,
        /** Whoever may open the platform's Unix socket, and so is root on this node. */
        OPERATOR,
        /** Nobody in particular. */
        ANONYMOUS,
        /** The registry itself, at work without a request. */
        REGISTRY;

        private String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public static final Subject PLATFORM = new Subject(Kind.PLATFORM, "");
    public static final Subject OPERATOR = new Subject(Kind.OPERATOR, "");
    public static final Subject ANONYMOUS = new Subject(Kind.ANONYMOUS, "");
    public static final Subject REGISTRY = new Subject(Kind.REGISTRY, "");

    /** An account's subject. */
    public static Subject user(String name) {
        return new Subject(Kind.USER, name);
    }

    /** A robot's subject. */
    public static Subject robot(String name) {
        return new Subject(Kind.ROBOT, name);
    }

    /** The subject of somebody whom the gateway knows. */
    public static Subject member(String name) {
        return new Subject(Kind.MEMBER, name);
    }

    /** The subject of a user of the identity provider. */
    public static Subject oidc(String name) {
        return new Subject(Kind.OIDC, name);
    }

    /** Reads what {@link #toString} writes; empty for anything else. */
    public static Optional<Subject> parse(String text) {
        int colon = text.indexOf(':');
        String word = colon < 0 ? text : text.substring(0, colon);
        String name = colon < 0 ? "" : text.substring(colon + 1);
        for (Kind kind : Kind.values()) {
            boolean named = kind == Kind.USER || kind == Kind.ROBOT || kind == Kind.OIDC || kind == Kind.MEMBER;
            if (kind.word().equals(word) && named == !name.isEmpty() && named == colon >= 0) {
                return Optional.of(new Subject(kind, name));
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return name.isEmpty() ? kind.word() : kind.word() + ":" + name;
    }
}
