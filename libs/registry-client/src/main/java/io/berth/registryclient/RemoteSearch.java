package io.berth.registryclient;

import io.berth.json.Bounds;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Looks for repositories. Registries that have Docker Hub's search ({@code GET /v1/search?q=…&n=…}) are asked by that; of others the
 * catalogue is read ({@code GET /v2/_catalog}) and the names that contain the term are taken.
 */
final class RemoteSearch {
    private static final JsonMapper JSON = Bounds.CONTENT.mapper().build();
    private static final int MAX_LENGTH = 4 << 20;
    private static final int PAGE = 1000;
    private static final int MAX_PAGES = 20;
    private static final Pattern NEXT_LINK = Pattern.compile("<([^>]+)>\\s*;\\s*rel=\"?next\"?");

    private final RegistryConnection connection;

    RemoteSearch(RegistryConnection connection) {
        this.connection = connection;
    }

    List<FoundRepository> search(String term, int limit) throws IOException {
        URI uri = connection
                .endpoint()
                .base()
                .resolve("/v1/search?q=" + URLEncoder.encode(term, StandardCharsets.UTF_8) + "&n=" + limit);
        HttpResponse<InputStream> response =
                connection.send(RegistryConnection.Call.get(uri, Scope.NONE, Map.of()), Sender.Repeat.ALWAYS);
        if (response.statusCode() == 200) {
            return results(json(response)).stream().limit(limit).toList();
        }
        int status = response.statusCode();
        if (status / 100 != 4 || status == 401 || status == 403 || status == 429) {
            throw RegistryConnection.refusal(response);
        }
        response.body().close();
        return catalogued(term, limit);
    }

    private static List<FoundRepository> results(JsonNode document) {
        List<FoundRepository> found = new ArrayList<>();
        for (JsonNode result : document.path("results")) {
            found.add(new FoundRepository(
                    result.path("name").asString(""),
                    result.path("description").asString(""),
                    result.path("star_count").asInt(0),
                    result.path("is_official").asBoolean(false)));
        }
        return found;
    }

    private List<FoundRepository> catalogued(String term, int limit) throws IOException {
        String wanted = term.toLowerCase(Locale.ROOT);
        List<FoundRepository> found = new ArrayList<>();
        Optional<URI> page = Optional.of(connection.endpoint().uri("_catalog?n=" + PAGE));
        for (int i = 0; i < MAX_PAGES && page.isPresent() && found.size() < limit; i++) {
            URI uri = page.get();
            HttpResponse<InputStream> response =
                    connection.send(RegistryConnection.Call.get(uri, Scope.CATALOG, Map.of()), Sender.Repeat.ALWAYS);
            if (response.statusCode() != 200) {
                throw RegistryConnection.refusal(response);
            }
            for (JsonNode name : json(response).path("repositories")) {
                String text = name.asString("");
                if (text.contains(wanted) && found.size() < limit) {
                    found.add(new FoundRepository(connection.endpoint().domain() + "/" + text, "", 0, false));
                }
            }
            Matcher next =
                    NEXT_LINK.matcher(response.headers().firstValue("Link").orElse(""));
            page = next.find()
                    ? Optional.of(uri.resolve(next.group(1)))
                            .filter(link -> connection.endpoint().sameOrigin(link))
                    : Optional.empty();
        }
        return found;
    }

    private static JsonNode json(HttpResponse<InputStream> response) throws IOException {
        try (InputStream body = response.body()) {
            return JSON.readTree(body.readNBytes(MAX_LENGTH));
        } catch (JacksonException e) {
            throw new RegistryException(0, "", "the registry's answer to a search is not JSON", e);
        }
    }
}
