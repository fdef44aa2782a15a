package io.berth.registry.repository;

/**
 * The repositories that a rule is about: one, and all whose names begin with its name and a slash; or all there are.
 *
 * @param value a repository's name, such as {@code team/app}, or empty for all
 */
public record RepositoryPrefix(String value) {
    /** @throws io.berth.registry.error.RegistryException NAME_INVALID for what cannot begin a name */
    public RepositoryPrefix {
        if (!value.isEmpty()) {
            value = new RepositoryName(value).value();
        }
    }

    /** Whether a repository is one of them. */
    public boolean covers(RepositoryName repository) {
        String name = repository.value();
        return value.isEmpty() || name.equals(value) || name.startsWith(value + "/");
    }

    /** How closely it describes what it covers: of several rules the most particular one counts. */
    public int length() {
        return value.length();
    }

    @Override
    public String toString() {
        return value.isEmpty() ? "all repositories" : value;
    }
}
