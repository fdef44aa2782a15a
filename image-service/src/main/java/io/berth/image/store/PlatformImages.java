package io.berth.image.store;

import io.berth.docker.error.NotFound;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.Platform;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * The platforms of one image, side by side. Every image is of one platform, and a name leads to one image; images that came from the
 * same index belong together. Those among them that have no name of their own are found by the names of the one that has, if their
 * platform is asked for; they are not listed, and they go when it goes. Thread-safe.
 */
@Component
public class PlatformImages {
    private final ImageStore images;
    private final ImageIndexes indexes;

    PlatformImages(ImageStore images, ImageIndexes indexes) {
        this.images = images;
        this.indexes = indexes;
    }

    /** The other images of the index that an image came from. */
    public List<Image> others(Image image) {
        Optional<Digest> index = indexes.descriptor(image.id()).map(Descriptor::digest);
        return index.stream()
                .flatMap(digest -> indexes.imagesOf(digest).stream())
                .filter(id -> !id.equals(image.id()))
                .flatMap(id -> images.find(id).stream())
                .toList();
    }

    /** Whether an image is there for another one that has a name. */
    public boolean isBesideANamedOne(Image image) {
        return image.isNameless() && others(image).stream().anyMatch(other -> !other.isNameless());
    }

    /**
     * Finds what a user means, for one of the platforms that were asked for. What is found by the name of another image is shown with
     * that one's names. An id means one image and no other.
     *
     * @param text as for {@link ImageStore#resolve}
     * @param wanted empty for any
     * @throws NoSuchImage when there is no such image
     * @throws NotFound in Docker's words when it is not here for any of the platforms
     */
    public Image resolve(String text, List<Platform> wanted) {
        Image image = images.resolve(text);
        return find(image, text, wanted)
                .orElseThrow(() -> new NotFound("image with reference " + text + " was found but its platform ("
                        + image.config().platform() + ") does not match the specified platform (" + wanted.getFirst()
                        + ")"));
    }

    /**
     * As {@link #resolve}, of an image that has been found.
     *
     * @param text how it was found
     */
    public Optional<Image> find(Image image, String text, List<Platform> wanted) {
        if (image.servesAny(wanted)) {
            return Optional.of(image);
        }
        if (image.hasIdThatBegins(text)) {
            return Optional.empty();
        }
        return others(image).stream()
                .filter(other -> other.servesAny(wanted))
                .findFirst()
                .map(other -> other.namedLike(image));
    }

    /** Whether an image keeps its names when another platform of the same index arrives: this machine's does. */
    public boolean staysInFront(Image image, Digest index, Platform arriving) {
        Platform own = Platform.current();
        return image.config().platform().serves(own)
                && !arriving.serves(own)
                && indexes.descriptor(image.id()).map(Descriptor::digest).equals(Optional.of(index));
    }
}
