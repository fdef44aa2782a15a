package io.berth.registry.token;

import io.berth.registry.access.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * One resource of a token's scope, {@code repository:team/app:pull,push} (token specification, scope.md). What is not
 * understood is left out: nothing is granted for it.
 *
 * @param type {@code repository} or {@code registry}
 * @param name of the repository, or {@code catalog}
 * @param actions words
 */
public record Scope(String type, String name, Set<String> actions) {
    /** The list of repositories. */
    public static final String CATALOG = "registry:catalog:*";

    private static final int MAX_SCOPES = 100;
    private static final int MAX_LENGTH = 512;

    public Scope {
        actions = Set.copyOf(actions);
    }

    /** The scope of some actions on a repository. */
    public static Scope repository(String name, Set<Action> actions) {
        Set<String> words = new TreeSet<>();
        actions.forEach(action -> words.add(action.word()));
        return new Scope("repository", name, words);
    }

    /** Reads space-separated scopes, at most 100; those of other forms are left out. */
    public static List<Scope> parse(List<String> lists) {
        List<Scope> scopes = new ArrayList<>();
        for (String list : lists) {
            for (String text : list.strip().split("\\s+")) {
                if (scopes.size() < MAX_SCOPES && text.length() <= MAX_LENGTH) {
                    one(text).ifPresent(scopes::add);
                }
            }
        }
        return scopes;
    }

    /** A name may have a colon of a port, so the type ends at the first and the actions begin after the last. */
    private static Optional<Scope> one(String text) {
        int first = text.indexOf(':');
        int last = text.lastIndexOf(':');
        if (first <= 0 || last <= first + 1) {
            return Optional.empty();
        }
        String type = text.substring(0, first);
        int detail = type.indexOf('('); // repository(plugin)
        if (detail == 0) {
            return Optional.empty();
        }
        return Optional.of(new Scope(
                detail < 0 ? type : type.substring(0, detail),
                text.substring(first + 1, last),
                Set.of(distinct(text.substring(last + 1)))));
    }

    private static String[] distinct(String words) {
        return new TreeSet<>(List.of(words.split(",", -1))).toArray(String[]::new);
    }

    /** Whether this allows an action on a repository. */
    boolean covers(String repository, Action action) {
        return type.equals("repository") && name.equals(repository) && actions.contains(action.word());
    }

    /** Whether this allows listing the repositories. */
    boolean coversCatalog() {
        return type.equals("registry") && name.equals("catalog") && actions.contains("*");
    }

    @Override
    public String toString() {
        return type + ":" + name + ":" + String.join(",", new TreeSet<>(actions));
    }
}
