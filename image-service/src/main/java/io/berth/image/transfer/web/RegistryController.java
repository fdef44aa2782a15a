package io.berth.image.transfer.web;

import io.berth.docker.Decimal;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.image.SearchResult;
import io.berth.docker.registry.AuthResponse;
import io.berth.docker.registry.DistributionInspect;
import io.berth.dockerserver.filter.Filters;
import io.berth.image.transfer.DistributionInspection;
import io.berth.image.transfer.ImageSearch;
import io.berth.json.Bounds;
import io.berth.registryclient.RegistryCredentials;
import io.berth.unixhttp.RequestBodies;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code GET /distribution/{name}/json}, {@code GET /images/search} and {@code POST /auth} (Engine API, DistributionInspect, ImageSearch
 * and SystemAuth).
 */
@RestController
class RegistryController {
    /** Credentials, with tokens of some kilobytes. Below what is counted, so that there always is room. */
    private static final int MAX_LOGIN_BYTES = 60 * 1024;

    private static final JsonMapper JSON = Bounds.REQUEST.mapper().build();

    private final DistributionInspection inspection;
    private final ImageSearch search;

    RegistryController(DistributionInspection inspection, ImageSearch search) {
        this.inspection = inspection;
        this.search = search;
    }

    @GetMapping("/distribution/{name}/json")
    DistributionInspect inspect(
            @PathVariable("name") String name,
            @RequestHeader(name = "X-Registry-Auth", required = false) @Nullable String auth,
            @RequestHeader(name = PlatformRegistry.IDENTITY, required = false) @Nullable String identity) {
        return inspection.inspect(
                PullController.reference(name, ""),
                RegistryCredentials.fromHeader(auth).onBehalfOf(identity));
    }

    @GetMapping("/images/search")
    List<SearchResult> search(
            @RequestParam("term") String term,
            @RequestParam(name = "limit", defaultValue = "0") String limit,
            @RequestParam(name = "filters", required = false) @Nullable String filters,
            @RequestHeader(name = "X-Registry-Auth", required = false) @Nullable String auth,
            @RequestHeader(name = PlatformRegistry.IDENTITY, required = false) @Nullable String identity) {
        int most;
        try {
            most = limit.isEmpty() ? 0 : Decimal.parseInt(limit);
        } catch (NumberFormatException e) {
            throw new InvalidParameter("invalid limit specified: " + limit, e);
        }
        return search.search(
                term,
                most,
                Filters.parse(filters).acceptOnly(ImageSearch.FILTERS),
                RegistryCredentials.fromHeader(auth).onBehalfOf(identity));
    }

    @PostMapping("/auth")
    AuthResponse login(
            HttpServletRequest request,
            @RequestHeader(name = PlatformRegistry.IDENTITY, required = false) @Nullable String identity)
            throws IOException {
        JsonNode json;
        try {
            json = JSON.readTree(RequestBodies.read(request, MAX_LOGIN_BYTES));
        } catch (JacksonException e) {
            throw new InvalidParameter("the request body is not JSON: " + Bounds.reason(e), e);
        } catch (RequestBodies.Refused e) {
            throw new InvalidParameter("the request body is larger than " + MAX_LOGIN_BYTES + " bytes", e);
        }
        return inspection.login(RegistryCredentials.fromJson(json).onBehalfOf(identity));
    }
}
