package io.berth.engine.container;

import io.berth.docker.error.ApiException;
import io.berth.dockerserver.filter.Filters;
import io.berth.engine.image.Images;
import io.berth.node.ResolvedImage;
import io.berth.oci.ImageReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Filter {@code ancestor}: the image a container was made of, or one that image was built upon, which is one whose layers its
 * layers begin with. Images are named by reference, digest or the beginning of their id; one that is no more is known by what
 * containers kept of it.
 */
final class Ancestors {
    private final List<String> wanted;
    private final List<ResolvedImage> images = new ArrayList<>();

    Ancestors(Filters filters, Images source) {
        this.wanted = filters.of("ancestor");
        wanted.forEach(reference -> resolve(reference, source).ifPresent(images::add));
    }

    /** Empty when there is no such image, as far as can be told now: moby passes over it as well. */
    private static Optional<ResolvedImage> resolve(String reference, Images source) {
        try {
            return Optional.of(source.resolve(reference, ""));
        } catch (ApiException e) {
            return Optional.empty();
        }
    }

    boolean include(ContainerSpec container) {
        return wanted.isEmpty()
                || wanted.stream().anyMatch(reference -> isOf(container, reference))
                || images.stream().anyMatch(image -> descends(container, image));
    }

    private static boolean descends(ContainerSpec container, ResolvedImage image) {
        List<String> layers = image.layers();
        return container.imageId().equals(image.imageId().toString())
                || (!layers.isEmpty()
                        && layers.size() <= container.layers().size()
                        && container.layers().subList(0, layers.size()).equals(layers));
    }

    private static boolean isOf(ContainerSpec container, String reference) {
        String hex = reference.startsWith("sha256:") ? reference.substring(7) : reference;
        if (hex.matches("[0-9a-f]{12,64}") && container.imageId().startsWith("sha256:" + hex)) {
            return true;
        }
        return container.imageReference().equals(reference)
                || normalised(container.imageReference()).equals(normalised(reference));
    }

    private static String normalised(String reference) {
        try {
            return ImageReference.parse(reference).withDefaultTag().toString();
        } catch (IllegalArgumentException e) {
            return reference;
        }
    }
}
