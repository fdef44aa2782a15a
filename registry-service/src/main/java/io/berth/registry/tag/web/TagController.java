package io.berth.registry.tag.web;

import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.repository.Page;
import io.berth.registry.repository.Repositories;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.tag.Tags;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Listing tags (distribution specification, "Listing Tags"). */
@RestController
final class TagController {
    private final Repositories repositories;
    private final Tags tags;

    TagController(Repositories repositories, Tags tags) {
        this.repositories = repositories;
        this.tags = tags;
    }

    @GetMapping("/v2/{name}/tags/list")
    ResponseEntity<TagList> list(
            @PathVariable RepositoryName name,
            @RequestParam(required = false) @Nullable String n,
            @RequestParam(required = false) @Nullable String last) {
        Page page = Page.of(n, last);
        long id = repositories
                .find(name)
                .orElseThrow(() -> RegistryException.about(ErrorCode.NAME_UNKNOWN, "name", name));
        List<String> read = tags.namesAfter(id, page.last(), page.lookAhead());
        ResponseEntity.BodyBuilder response = ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON);
        page.nextLink("/v2/" + name + "/tags/list", read).ifPresent(link -> response.header(HttpHeaders.LINK, link));
        return response.body(new TagList(name.value(), page.cut(read)));
    }

    /** <pre>{"name": "library/busybox", "tags": ["1.36", "latest"]}</pre> */
    record TagList(String name, List<String> tags) {}
}
