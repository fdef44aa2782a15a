package io.berth.registry.access;

import java.util.Collection;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What can be done with a repository; the words are those of token scopes (token specification, scope.md). */
public enum Action {
    PULL,
    PUSH,
    DELETE;

    /** The word in scopes and policies: {@code pull}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The action of a word; empty for a word that is none. */
    public static Optional<Action> of(String word) {
        for (Action action : values()) {
            if (action.word().equals(word)) {
                return Optional.of(action);
            }
        }
        return Optional.empty();
    }

    /** The actions among comma-separated words, {@code *} standing for all; unknown words are left out. */
    public static Set<Action> parse(String words) {
        EnumSet<Action> actions = EnumSet.noneOf(Action.class);
        for (String word : words.split(",", -1)) {
            if (word.equals("*")) {
                return EnumSet.allOf(Action.class);
            }
            of(word).ifPresent(actions::add);
        }
        return actions;
    }

    /** The comma-separated words of some actions, in a fixed order. */
    public static String format(Collection<Action> actions) {
        return actions.stream().sorted().map(Action::word).collect(Collectors.joining(","));
    }
}
