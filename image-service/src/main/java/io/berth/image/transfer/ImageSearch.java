package io.berth.image.transfer;

import io.berth.docker.Decimal;
import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.SystemFailure;
import io.berth.docker.image.SearchResult;
import io.berth.dockerserver.filter.Filters;
import io.berth.outgoing.DestinationRefused;
import io.berth.registryclient.RegistryClients;
import io.berth.registryclient.RegistryCredentials;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Searches registries (moby: daemon/internal/registrysearch). A term that begins with a host is looked for there, others in the
 * default registry. Thread-safe.
 */
public final class ImageSearch {
    /** The filters that there are. */
    public static final Set<String> FILTERS = Set.of("is-automated", "is-official", "stars");

    private static final int MOST = 100;
    private static final int DEFAULT = 25;

    private final RegistryClients clients;
    private final String defaultRegistry;

    ImageSearch(RegistryClients clients, String defaultRegistry) {
        this.clients = clients;
        this.defaultRegistry = defaultRegistry;
    }

    /**
     * Searches.
     *
     * @param limit 1 to 100, 0 for the default of 25
     * @throws InvalidParameter for a malformed term, limit or filter
     * @throws Forbidden for a registry that the caller may not reach
     * @throws SystemFailure when the registry cannot be asked
     */
    public List<SearchResult> search(String term, int limit, Filters filters, RegistryCredentials credentials) {
        if (term.contains("://")) {
            throw new InvalidParameter(
                    "invalid repository name: repository name (" + term + ") should not have a scheme");
        }
        if (limit < 0 || limit > MOST) {
            throw new InvalidParameter("limit " + limit + " is outside the range of [1, " + MOST + "]");
        }
        int stars = stars(filters);
        Optional<Boolean> official = filters.flag("is-official");
        if (filters.flag("is-automated").orElse(false)) {
            return List.of(); // there are none any more
        }
        int slash = term.indexOf('/');
        String first = slash < 0 ? "" : term.substring(0, slash);
        boolean named = first.indexOf('.') >= 0 || first.indexOf(':') >= 0 || first.equals("localhost");
        String domain = named ? first : defaultRegistry;
        String rest = named ? term.substring(slash + 1) : term;
        try {
            return clients
                    .search(
                            domain,
                            rest.startsWith("library/") ? rest.substring("library/".length()) : rest,
                            limit == 0 ? DEFAULT : limit,
                            credentials)
                    .stream()
                    .filter(found -> found.stars() >= stars)
                    .filter(found -> official.isEmpty() || official.get() == found.official())
                    .map(found ->
                            new SearchResult(found.stars(), found.official(), found.name(), false, found.description()))
                    .toList();
        } catch (IOException e) {
            String message = e.getMessage() == null ? e.toString() : e.getMessage();
            throw DestinationRefused.in(e) == null ? new SystemFailure(message, e) : new Forbidden(message, e);
        }
    }

    private static int stars(Filters filters) {
        int most = 0;
        for (String text : filters.of("stars")) {
            try {
                most = Math.max(most, Decimal.parseInt(text));
            } catch (NumberFormatException e) {
                throw new InvalidParameter("invalid filter 'stars=[" + text + "]'", e);
            }
        }
        return most;
    }
}
