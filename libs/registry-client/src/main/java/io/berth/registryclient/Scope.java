package io.berth.registryclient;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * The access that a request needs, as the resource scopes of a token (token specification, scope.md).
 *
 * @param resources such as {@code repository:team/app:pull,push}; sorted, without duplicates
 */
record Scope(List<String> resources) {
    /** Nothing but being known, as for the base URI. */
    static final Scope NONE = new Scope(List.of());

    /** Reading which repositories there are. */
    static final Scope CATALOG = new Scope(List.of("registry:catalog:*"));

    Scope {
        resources = List.copyOf(new TreeSet<>(resources));
    }

    static Scope pull(String repository) {
        return new Scope(List.of("repository:" + repository + ":pull"));
    }

    static Scope push(String repository) {
        return new Scope(List.of("repository:" + repository + ":pull,push"));
    }

    /** Pushing to one repository and mounting a blob from another one. */
    static Scope mount(String target, String source) {
        return new Scope(List.of("repository:" + target + ":pull,push", "repository:" + source + ":pull"));
    }

    Scope and(Collection<String> more) {
        List<String> all = new ArrayList<>(resources);
        all.addAll(more);
        return new Scope(all);
    }
}
