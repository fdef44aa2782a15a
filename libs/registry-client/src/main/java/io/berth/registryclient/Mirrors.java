package io.berth.registryclient;

import io.berth.oci.ImageReference;
import java.net.URI;
import java.util.Comparator;
import java.util.List;

/**
 * Other registries that are asked first when something is pulled.
 *
 * @param rules in any order; of those that match a reference the one with the longest prefix counts
 */
public record Mirrors(List<Rule> rules) {
    /** None. */
    public static final Mirrors NONE = new Mirrors(List.of());

    public Mirrors {
        rules = List.copyOf(rules);
    }

    /**
     * Where to look for repositories.
     *
     * @param prefix a registry such as {@code docker.io}, or a registry and the beginning of a repository's path, such as
     *     {@code docker.io/library}
     * @param locations asked in this order; {@code https://host[:port][/path]}, where the repository's own path follows the
     *     given one
     */
    public record Rule(String prefix, List<URI> locations) {
        public Rule {
            locations = List.copyOf(locations);
            for (URI location : locations) {
                boolean http = "https".equals(location.getScheme()) || "http".equals(location.getScheme());
                if (!http
                        || location.getHost() == null
                        || location.getRawUserInfo() != null
                        || location.getRawQuery() != null
                        || location.getRawFragment() != null) {
                    throw new IllegalArgumentException(
                            "mirror location: " + location + " (expected: https://host[:port][/path])");
                }
            }
        }

        private boolean matches(String name) {
            return name.equals(prefix) || name.startsWith(prefix + "/");
        }
    }

    /**
     * A repository at a mirror.
     *
     * @param repository path there
     */
    record Location(RegistryEndpoint endpoint, String repository) {}

    List<Location> of(ImageReference reference) {
        return rules.stream()
                .filter(rule -> rule.matches(reference.name()))
                .max(Comparator.comparingInt(rule -> rule.prefix().length()))
                .map(rule -> rule.locations().stream()
                        .map(location -> at(location, reference.path()))
                        .toList())
                .orElse(List.of());
    }

    private static Location at(URI location, String repository) {
        String path = location.getPath().replaceAll("^/+|/+$", "");
        return new Location(
                new RegistryEndpoint(location.getAuthority(), location.getScheme(), location.getAuthority()),
                path.isEmpty() ? repository : path + "/" + repository);
    }
}
