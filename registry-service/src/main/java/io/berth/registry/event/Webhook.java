package io.berth.registry.event;

import io.berth.registry.access.RepositoryPattern;
import java.net.URI;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Somebody who wants to be told what happens to some repositories. */
public record Webhook(long id, Settings settings, boolean disabled) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?");
    private static final int MAX_URL = 1000;
    private static final int MAX_SECRET = 200;

    /**
     * What somebody wants to be told.
     *
     * @param name by which it is changed and removed
     * @param url that gets a POST for each change; http or https, without credentials
     * @param secret signs what is sent; empty for no signature
     * @param changes at least one
     */
    public record Settings(String name, URI url, String secret, RepositoryPattern repositories, Set<Change> changes) {
        /** @throws IllegalArgumentException for what is outside its grammar or range */
        public Settings {
            changes = Set.copyOf(changes);
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("invalid webhook name");
            }
            boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            if (!web
                    || url.getHost() == null
                    || url.getRawUserInfo() != null
                    || url.getRawFragment() != null
                    || url.toString().length() > MAX_URL) {
                throw new IllegalArgumentException("the URL of a webhook is http or https, without credentials");
            }
            if (secret.length() > MAX_SECRET) {
                throw new IllegalArgumentException("the secret of a webhook has at most 200 characters");
            }
            if (changes.isEmpty()) {
                throw new IllegalArgumentException("no change is named");
            }
        }

        @Override
        public String toString() {
            return "Settings[" + name + "]";
        }
    }

    boolean wants(Change change, String repository) {
        return !disabled
                && settings.changes().contains(change)
                && settings.repositories().matches(repository);
    }

    static String format(Set<Change> changes) {
        return changes.stream().sorted().map(Change::word).collect(Collectors.joining(","));
    }

    /** The changes of comma-separated words; {@code *} for all. Unknown words are left out. */
    static Set<Change> parse(String words) {
        EnumSet<Change> changes = EnumSet.noneOf(Change.class);
        for (String word : words.split(",", -1)) {
            for (Change change : Change.values()) {
                if (word.equals("*") || change.word().equals(word)) {
                    changes.add(change);
                }
            }
        }
        return changes;
    }

    /**
     * The changes of some words.
     *
     * @throws IllegalArgumentException for a word that is none
     */
    public static Set<Change> changes(Iterable<String> words) {
        EnumSet<Change> changes = EnumSet.noneOf(Change.class);
        for (String word : words) {
            Set<Change> known = word.contains(",") ? Set.of() : parse(word);
            if (known.isEmpty()) {
                throw new IllegalArgumentException(
                        "unknown change: one or more of " + format(EnumSet.allOf(Change.class)));
            }
            changes.addAll(known);
        }
        return changes;
    }
}
