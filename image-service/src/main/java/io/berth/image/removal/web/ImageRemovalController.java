package io.berth.image.removal.web;

import io.berth.docker.ApiVersion;
import io.berth.docker.image.DeleteResponseItem;
import io.berth.docker.image.ImagesPruneReport;
import io.berth.dockerserver.filter.Filters;
import io.berth.image.removal.ImagePruning;
import io.berth.image.removal.ImageRemoval;
import io.berth.image.store.ImagePlatforms;
import io.berth.oci.Platform;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class ImageRemovalController {
    private static final Set<String> FILTERS = Set.of("dangling", "label", "label!", "until");

    private final ImageRemoval removal;
    private final ImagePruning pruning;

    ImageRemovalController(ImageRemoval removal, ImagePruning pruning) {
        this.removal = removal;
        this.pruning = pruning;
    }

    /** {@code DELETE /images/{name}}. There are no parent images, so {@code noprune} changes nothing. */
    @DeleteMapping("/images/{name}")
    List<DeleteResponseItem> delete(
            ApiVersion version,
            @PathVariable("name") String name,
            @RequestParam(name = "force", defaultValue = "false") String force,
            HttpServletRequest request) {
        List<Platform> platforms =
                version.atLeast(1, 50) ? ImagePlatforms.parseAll(request.getParameterValues("platforms")) : List.of();
        return removal.delete(name, platforms, force.equals("1") || force.equalsIgnoreCase("true"));
    }

    @PostMapping("/images/prune")
    ImagesPruneReport prune(@RequestParam(name = "filters", required = false) @Nullable String filters) {
        return pruning.prune(Filters.parse(filters).acceptOnly(FILTERS));
    }
}
