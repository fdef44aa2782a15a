package io.berth.registry.browse.web;

import io.berth.registry.browse.Browser;
import io.berth.registry.browse.RepositorySummary;
import io.berth.registry.browse.TagSummary;
import io.berth.registry.browse.Usage;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.repository.Page;
import io.berth.registry.repository.Repositories;
import io.berth.registry.repository.RepositoryName;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * What a dashboard shows. Lists come in pages as those of the distribution specification do: {@code n}, {@code last}, and a
 * {@code Link} to the next page.
 */
@RestController
@RequestMapping("/berth/registry")
final class BrowseController {
    private static final String REPOSITORIES = "/berth/registry/repositories";
    private static final String TAGS = "/berth/registry/tags";

    private final Browser browser;
    private final Repositories repositories;

    BrowseController(Browser browser, Repositories repositories) {
        this.browser = browser;
        this.repositories = repositories;
    }

    /**
     * Repositories with how much they have.
     *
     * <pre>{"repositories": [{"name": "team/app", "tags": 3, "manifests": 5, "sizeBytes": 123, "changedAt": "2026-01-01T00:00:00Z"}]}</pre>
     *
     * @param q part of the name; empty for all
     */
    @GetMapping("/repositories")
    ResponseEntity<RepositoryList> repositories(
            @RequestParam(defaultValue = "") String q,
            @RequestParam(required = false) @Nullable String n,
            @RequestParam(required = false) @Nullable String last) {
        Page.requirePrintable("q", q);
        Page page = Page.of(n, last);
        List<RepositorySummary> read = browser.repositories(q, page.last(), page.lookAhead());
        List<String> names = read.stream().map(RepositorySummary::name).toList();
        return linked(page, REPOSITORIES + "?q=" + encoded(q), names).body(new RepositoryList(page.cut(read)));
    }

    /**
     * Tags of a repository with what they point at.
     *
     * <pre>{"name": "team/app", "tags": [{"name": "1", "digest": "sha256:…", "mediaType": "…", "sizeBytes": 123, "taggedAt": "…"}]}</pre>
     *
     * @param q part of the tag's name; empty for all
     */
    @GetMapping("/tags")
    ResponseEntity<TagList> tags(
            @RequestParam RepositoryName repository,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(required = false) @Nullable String n,
            @RequestParam(required = false) @Nullable String last) {
        Page.requirePrintable("q", q);
        Page page = Page.of(n, last);
        if (repositories.find(repository).isEmpty()) {
            throw RegistryException.about(ErrorCode.NAME_UNKNOWN, "name", repository);
        }
        List<TagSummary> read = browser.tags(repository, q, page.last(), page.lookAhead());
        List<String> names = read.stream().map(TagSummary::name).toList();
        String path = TAGS + "?repository=" + encoded(repository.value()) + "&q=" + encoded(q);
        return linked(page, path, names).body(new TagList(repository.value(), page.cut(read)));
    }

    /** What the registry holds in all. */
    @GetMapping("/usage")
    Usage usage() {
        return browser.usage();
    }

    private static ResponseEntity.BodyBuilder linked(Page page, String path, List<String> names) {
        ResponseEntity.BodyBuilder response = ResponseEntity.ok();
        page.nextLink(path, names).ifPresent(link -> response.header(HttpHeaders.LINK, link));
        return response;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    record RepositoryList(List<RepositorySummary> repositories) {}

    record TagList(String name, List<TagSummary> tags) {}
}
