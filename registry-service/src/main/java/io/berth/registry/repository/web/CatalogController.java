package io.berth.registry.repository.web;

import io.berth.registry.repository.Page;
import io.berth.registry.repository.Repositories;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The version check and the list of repositories. */
@RestController
final class CatalogController {
    private static final String CATALOG = "/v2/_catalog";

    private final Repositories repositories;

    CatalogController(Repositories repositories) {
        this.repositories = repositories;
    }

    /** Says that this is a registry (distribution specification, "Determining Support"). */
    @GetMapping({"/v2/", "/v2"})
    ResponseEntity<Map<String, String>> version() {
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .header("Docker-Distribution-API-Version", "registry/2.0")
                .body(Map.of());
    }

    /** Repositories by name; not in the specification, but every registry has it (distribution, docs/spec/api.md). */
    @GetMapping(CATALOG)
    ResponseEntity<Catalog> catalog(
            @RequestParam(required = false) @Nullable String n, @RequestParam(required = false) @Nullable String last) {
        Page page = Page.of(n, last);
        List<String> read = repositories.namesAfter(page.last(), page.lookAhead());
        ResponseEntity.BodyBuilder response = ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON);
        page.nextLink(CATALOG, read).ifPresent(link -> response.header(HttpHeaders.LINK, link));
        return response.body(new Catalog(page.cut(read)));
    }

    record Catalog(List<String> repositories) {}
}
