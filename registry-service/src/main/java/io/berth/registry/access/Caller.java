package io.berth.registry.access;

/**
 * Who makes the present request, and what they may do.
 *
 * @param subject who they are
 * @param origin where the request came from
 * @param administrator whether they may change accounts, policies and settings. Never by a token: a token that leaks from a
 *     build must not open the administration
 * @param permissions on repositories
 */
public record Caller(Subject subject, Origin origin, boolean administrator, Permissions permissions) {
    /** The registry itself. */
    public static final Caller REGISTRY = new Caller(Subject.REGISTRY, Origin.NONE, true, Permissions.ALL);

    /** Whether the caller may do something with a repository, which need not exist. */
    public boolean may(String repository, Action action) {
        return permissions.decide(repository, action) == Decision.ALLOWED;
    }

    /** Whether the caller is a part of the platform, or the registry itself. */
    public boolean internal() {
        return subject.kind() == Subject.Kind.PLATFORM || subject.kind() == Subject.Kind.REGISTRY;
    }
}
