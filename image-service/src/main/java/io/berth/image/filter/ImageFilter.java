package io.berth.image.filter;

import io.berth.docker.error.InvalidParameter;
import io.berth.dockerfile.DockerfileException;
import io.berth.dockerfile.GlobPattern;
import io.berth.dockerserver.filter.Filters;
import io.berth.dockerserver.filter.Timestamps;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.oci.ImageReference;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which images a list or a prune is about (moby: daemon/images/images.go). */
public final class ImageFilter {
    /** Characters of all patterns of names: each takes time for each character of each name. */
    private static final int MAX_PATTERNS = 2048;

    private final Filters filters;
    private final @Nullable Instant before;
    private final @Nullable Instant since;
    private final List<GlobPattern> references;

    /**
     * @throws InvalidParameter for a time or a pattern that cannot be read
     * @throws io.berth.image.store.NoSuchImage when {@code before} or {@code since} names no image
     */
    public ImageFilter(Filters filters, ImageStore images) {
        this.filters = filters;
        Instant limit = null;
        for (String name : filters.of("before")) {
            limit = earlier(limit, created(images.resolve(name)));
        }
        for (String text : filters.of("until")) {
            limit = earlier(limit, time(text));
        }
        this.before = limit;
        Instant start = null;
        for (String name : filters.of("since")) {
            Instant created = created(images.resolve(name));
            start = start == null || created.isAfter(start) ? created : start;
        }
        this.since = start;
        this.references = globs(filters.of("reference"));
    }

    private static Instant earlier(@Nullable Instant a, Instant b) {
        return a == null || b.isBefore(a) ? b : a;
    }

    /** The moment an image was created, as its configuration says; the epoch when it does not. */
    public static Instant created(Image image) {
        String text = image.config().created();
        try {
            return text == null ? Instant.EPOCH : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return Instant.EPOCH;
        }
    }

    /** Whether the image passes every filter but those on names. */
    public boolean accepts(Image image) {
        Instant created = created(image);
        if ((before != null && !created.isBefore(before)) || (since != null && !created.isAfter(since))) {
            return false;
        }
        Map<String, String> labels = image.config().execution().labels();
        return filters.labels("label", labels) && filters.lacksLabels("label!", labels);
    }

    /** The names that the {@code reference} filter lets through, or nothing when it lets none through. */
    public Optional<List<ImageReference>> names(List<ImageReference> names) {
        if (references.isEmpty()) {
            return Optional.of(names);
        }
        List<ImageReference> matching = names.stream()
                .filter(name -> references.stream()
                        .anyMatch(glob -> glob.matches(name.familiar()) || glob.matches(name.familiarName())))
                .toList();
        return matching.isEmpty() ? Optional.empty() : Optional.of(matching);
    }

    private static List<GlobPattern> globs(List<String> patterns) {
        int characters = patterns.stream().mapToInt(String::length).sum();
        if (characters > MAX_PATTERNS) {
            throw new InvalidParameter("invalid filter 'reference': the patterns may have " + MAX_PATTERNS
                    + " characters together, not " + characters);
        }
        try {
            return patterns.stream().map(GlobPattern::ofSegments).toList();
        } catch (DockerfileException e) {
            throw new InvalidParameter(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * A time in a filter.
     *
     * @throws InvalidParameter when it is none
     */
    public static Instant time(String text) {
        return Timestamps.parse(text, Instant.now())
                .orElseThrow(() -> new InvalidParameter("failed to parse value as time or duration: value is empty"));
    }
}
