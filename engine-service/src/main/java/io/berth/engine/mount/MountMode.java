package io.berth.engine.mount;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The third part of a bind, {@code ro,z,rslave} (moby: volume/mounts/linux_parser.go).
 *
 * @param text as the user wrote it
 */
record MountMode(String text) {
    private static final Set<String> ACCESS = Set.of("rw", "ro");
    private static final Set<String> LABEL = Set.of("z", "Z");
    private static final Set<String> COPY = Set.of("nocopy");
    private static final Set<String> CONSISTENCY = Set.of("consistent", "cached", "delegated");

    /** How mounts travel (mount_namespaces(7)). */
    static final Set<String> PROPAGATION = Set.of("private", "rprivate", "shared", "rshared", "slave", "rslave");

    private static final List<Set<String>> GROUPS = List.of(ACCESS, LABEL, PROPAGATION, COPY, CONSISTENCY);

    /** Whether there is nothing but known words, and of each kind one at most. */
    boolean isValid() {
        if (text.isEmpty()) {
            return true;
        }
        List<String> words = words();
        return words.stream().allMatch(word -> GROUPS.stream().anyMatch(group -> group.contains(word)))
                && GROUPS.stream()
                        .allMatch(
                                group -> words.stream().filter(group::contains).count() <= 1);
    }

    boolean isWritable() {
        return isValid() && !words().contains("ro");
    }

    boolean forbidsCopy() {
        return words().contains("nocopy");
    }

    Optional<String> propagation() {
        return words().stream().filter(PROPAGATION::contains).findFirst();
    }

    private List<String> words() {
        return List.of(text.split(",", -1));
    }
}
