package io.berth.registry.repository.web;

import io.berth.registry.access.Action;
import io.berth.registry.access.Callers;
import io.berth.registry.access.Decision;
import io.berth.registry.access.Permissions;
import io.berth.registry.repository.Page;
import io.berth.registry.repository.Repositories;
import java.util.ArrayList;
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

    /**
     * Repositories that the caller may pull from, by name; not in the specification, but every registry has it (distribution,
     * docs/spec/api.md).
     */
    @GetMapping(CATALOG)
    ResponseEntity<Catalog> catalog(
            @RequestParam(required = false) @Nullable String n, @RequestParam(required = false) @Nullable String last) {
        Page page = Page.of(n, last);
        List<String> read = visibleAfter(page.last(), page.lookAhead());
        ResponseEntity.BodyBuilder response = ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON);
        page.nextLink(CATALOG, read).ifPresent(link -> response.header(HttpHeaders.LINK, link));
        return response.body(new Catalog(page.cut(read)));
    }

    /** Reads on until the page is full, a piece at a time: whoever may see little must not be told so by short pages. */
    private List<String> visibleAfter(String last, int wanted) {
        Permissions permissions = Callers.current().permissions();
        List<String> visible = new ArrayList<>();
        String after = last;
        while (visible.size() < wanted) {
            List<String> read = repositories.namesAfter(after, wanted);
            for (String name : read) {
                // A token for the list names no repositories, so it is not asked whether the token is for this one.
                if (visible.size() < wanted && permissions.decide(name, Action.PULL) != Decision.DENIED) {
                    visible.add(name);
                }
            }
            if (read.size() < wanted) {
                break;
            }
            after = read.getLast();
        }
        return visible;
    }

    record Catalog(List<String> repositories) {}
}
