package io.berth.registry.access;

/** What a caller may do at this moment. Asked anew for each request, so that a right that was taken is gone at once. */
@FunctionalInterface
public interface Permissions {
    /** May do everything with every repository. */
    Permissions ALL = (repository, action) -> Decision.ALLOWED;

    /** May do nothing. */
    Permissions NONE = (repository, action) -> Decision.DENIED;

    /** Whether the action is allowed on a repository, which need not exist. */
    Decision decide(String repository, Action action);
}
