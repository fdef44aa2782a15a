package io.berth.image.catalog.web;

import io.berth.docker.error.InvalidParameter;
import io.berth.image.event.ImageEvents;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.store.RepoTag;
import io.berth.oci.ImageReference;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
class ImageTagController {
    private final ImageStore images;
    private final ImageEvents events;

    ImageTagController(ImageStore images, ImageEvents events) {
        this.images = images;
        this.events = events;
    }

    @PostMapping("/images/{name}/tag")
    @ResponseStatus(HttpStatus.CREATED)
    void tag(
            @PathVariable("name") String name,
            @RequestParam(name = "repo", required = false) @Nullable String repo,
            @RequestParam(name = "tag", required = false) @Nullable String tag) {
        ImageReference reference =
                RepoTag.of(repo, tag).orElseThrow(() -> new InvalidParameter("invalid reference format"));
        Image image = images.resolve(name);
        images.addReference(image.id(), reference);
        events.publish("tag", image, reference.withDefaultTag().familiar());
    }
}
