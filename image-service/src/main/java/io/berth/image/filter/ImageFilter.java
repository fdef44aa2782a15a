package io.berth.image.filter;

import io.berth.docker.error.InvalidParameter;
import io.berth.dockerfile.DockerfileException;
import io.berth.dockerfile.GlobPattern;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.oci.ImageReference;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which images a list or a prune is about (moby: daemon/images/images.go). */
public final class ImageFilter {
    private static final Pattern GO_DURATION = Pattern.compile("(?:\\d+(?:\\.\\d+)?(?:ns|us|µs|ms|s|m|h))++");
    private static final Pattern UNIX = Pattern.compile("(\\d{1,12})(?:\\.(\\d{1,9}))?");
    private static final Pattern GO_DURATION_PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|µs|ms|s|m|h)");
    private static final Map<String, Long> NANOS = Map.of(
            "ns",
            1L,
            "us",
            1_000L,
            "µs",
            1_000L,
            "ms",
            1_000_000L,
            "s",
            1_000_000_000L,
            "m",
            60_000_000_000L,
            "h",
            3_600_000_000_000L);

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
        return filters.of("label").stream().allMatch(wanted -> matches(labels, wanted))
                && filters.of("label!").stream().noneMatch(unwanted -> matches(labels, unwanted));
    }

    private static boolean matches(@Nullable Map<String, String> labels, String wanted) {
        if (labels == null) {
            return false;
        }
        int equals = wanted.indexOf('=');
        return equals < 0
                ? labels.containsKey(wanted)
                : wanted.substring(equals + 1).equals(labels.get(wanted.substring(0, equals)));
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

    /** A Unix time, a date with or without time and zone, or a Go duration before now. */
    public static Instant time(String text) {
        Matcher unix = UNIX.matcher(text);
        try {
            if (unix.matches()) {
                String fraction = unix.group(2) == null ? "0" : (unix.group(2) + "0".repeat(9)).substring(0, 9);
                return Instant.ofEpochSecond(Long.parseLong(unix.group(1)), Long.parseLong(fraction));
            }
            if (GO_DURATION.matcher(text).matches()) {
                return Instant.now().minus(duration(text));
            }
            if (text.length() == 10) {
                return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
            }
            return text.matches(".*(Z|[+-]\\d\\d:?\\d\\d)$")
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException | ArithmeticException e) {
            throw new InvalidParameter("failed to parse value as time or duration: \"" + text + "\"", e);
        }
    }

    private static Duration duration(String text) {
        Duration sum = Duration.ZERO;
        Matcher part = GO_DURATION_PART.matcher(text);
        while (part.find()) {
            java.math.BigDecimal nanos = new java.math.BigDecimal(part.group(1))
                    .multiply(java.math.BigDecimal.valueOf(NANOS.getOrDefault(part.group(2), 0L)));
            sum = sum.plusNanos(nanos.toBigInteger().longValueExact());
        }
        return sum;
    }
}
