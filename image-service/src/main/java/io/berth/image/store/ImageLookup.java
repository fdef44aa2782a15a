package io.berth.image.store;

import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** How what a user writes finds an image (moby: daemon/images/image.go, GetImage). */
final class ImageLookup {
    private static final Pattern FULL_ID = Pattern.compile("(?:sha256:)?[a-f0-9]{64}");
    private static final Pattern ID_PREFIX = Pattern.compile("(?:sha256:)?[a-f0-9]{1,64}");

    private final ImageStore images;

    ImageLookup(ImageStore images) {
        this.images = images;
    }

    Image resolve(String text) {
        if (FULL_ID.matcher(text).matches()) {
            return images.find(Digest.parse(withAlgorithm(text))).orElseThrow(() -> new NoSuchImage(text));
        }
        Optional<ImageReference> reference = parse(text);
        Optional<Image> named = reference.flatMap(this::byName);
        if (named.isPresent()) {
            return named.get();
        }
        if (ID_PREFIX.matcher(text).matches()) {
            List<Digest> candidates = images.idsStartingWith(withAlgorithm(text));
            if (candidates.size() > 1) {
                throw new NoSuchImage(text + " (ambiguous: the beginning of " + candidates.size() + " image ids)");
            }
            if (candidates.size() == 1) {
                return images.get(candidates.getFirst());
            }
        }
        throw new NoSuchImage(reference
                .map(ImageReference::withDefaultTag)
                .map(ImageReference::familiar)
                .orElse(text));
    }

    private static String withAlgorithm(String id) {
        return id.startsWith("sha256:") ? id : "sha256:" + id;
    }

    private static Optional<ImageReference> parse(String text) {
        try {
            return Optional.of(ImageReference.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // still may be the beginning of an id
        }
    }

    private Optional<Image> byName(ImageReference reference) {
        Digest digest = reference.digest();
        if (digest == null) {
            return images.findByReference(reference.withDefaultTag());
        }
        Optional<Image> image = images.findByReference(reference.withDigest(digest));
        // A local image can also be named by the digest of its own manifest, if the repository has it under some tag.
        return image.or(() -> images.list().stream()
                .filter(candidate -> candidate.manifest().digest().equals(digest))
                .filter(candidate -> candidate.tags().stream()
                        .anyMatch(tag -> tag.repository().equals(reference.repository())))
                .findFirst());
    }
}
