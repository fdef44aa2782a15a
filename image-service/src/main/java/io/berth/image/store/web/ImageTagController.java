package io.berth.image.store.web;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotImplemented;
import io.berth.image.store.ImageStore;
import io.berth.image.store.RepoTag;
import io.berth.oci.ImageReference;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
class ImageTagController {
    private final ImageStore images;

    ImageTagController(ImageStore images) {
        this.images = images;
    }

    @PostMapping("/images/{name}/tag")
    @ResponseStatus(HttpStatus.CREATED)
    void tag(
            @PathVariable("name") String name,
            @RequestParam(name = "repo", required = false) @Nullable String repo,
            @RequestParam(name = "tag", required = false) @Nullable String tag) {
        ImageReference reference =
                RepoTag.of(repo, tag).orElseThrow(() -> new InvalidParameter("invalid reference format"));
        images.addReference(images.resolve(name).id(), reference);
    }

    @GetMapping("/images/search")
    void search() {
        throw new NotImplemented("image search is not supported: it is a service of one public registry");
    }

    @PostMapping({"/build", "/build/prune", "/session"})
    void build() {
        throw new NotImplemented("building images is not supported yet");
    }
}
