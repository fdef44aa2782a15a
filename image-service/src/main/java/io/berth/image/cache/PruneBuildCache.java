package io.berth.image.cache;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.image.BuildPruneReport;
import io.berth.dockerserver.filter.Filters;
import io.berth.image.event.ImageEvents;
import io.berth.image.filter.ImageFilter;
import io.berth.image.removal.Collector;
import io.berth.pattern.InvalidPattern;
import io.berth.pattern.PatternSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Gives back what builds keep. */
@Component
public final class PruneBuildCache {
    private final BuildCache cache;
    private final Collector collector;
    private final ImageEvents events;

    PruneBuildCache(BuildCache cache, Collector collector, ImageEvents events) {
        this.cache = cache;
        this.collector = collector;
        this.events = events;
    }

    /**
     * Forgets records, those that were not used for longest first.
     *
     * @param all also those whose layers an image has, which gives nothing back
     * @param keepBytes how much may stay
     * @param filters {@code until} and {@code unused-for} (a time, or how long ago), {@code id}, {@code parent}, {@code type}, {@code
     *     description}, {@code inuse}, {@code shared}, {@code private}
     * @throws InvalidParameter for a filter that cannot be read
     */
    public BuildPruneReport prune(boolean all, long keepBytes, Filters filters) {
        return prune(all, keepBytes, filters, _ -> {});
    }

    /**
     * The same, and tells of each record that is gone.
     *
     * @throws InvalidParameter for a filter that cannot be read
     */
    public BuildPruneReport prune(boolean all, long keepBytes, Filters filters, Consumer<CacheRecord> gone) {
        Predicate<CacheRecord> wanted = wanted(filters);
        List<CacheRecord> records = new ArrayList<>(cache.list());
        records.sort(Comparator.comparing(CacheRecord::usedAt));
        long size = records.stream()
                .filter(one -> !one.shared())
                .mapToLong(CacheRecord::size)
                .sum();
        List<CacheRecord> unwanted = new ArrayList<>();
        for (CacheRecord one : records) {
            if (keepBytes > 0 && size <= keepBytes) {
                break;
            }
            if (!one.inUse() && (all || !one.shared()) && wanted.test(one)) {
                unwanted.add(one);
                size -= one.shared() ? 0 : one.size();
            }
        }
        List<CacheRecord> forgotten = cache.forget(unwanted);
        forgotten.forEach(gone);
        // Layers that others left (a container removed since) are not this prune's to report.
        long freed = forgotten.isEmpty() ? 0 : collector.collect();
        freed += forgotten.stream()
                .filter(one -> one.directory() != null)
                .mapToLong(CacheRecord::size)
                .sum();
        events.buildCachePruned(freed);
        List<String> ids = forgotten.stream().map(CacheRecord::id).toList();
        return new BuildPruneReport(ids.isEmpty() ? null : ids, freed);
    }

    private static Predicate<CacheRecord> wanted(Filters filters) {
        Predicate<CacheRecord> wanted = _ -> true;
        for (String field : filters.fields()) {
            if (filters.of(field).size() > 1 && !field.startsWith("label")) {
                throw new InvalidParameter("filters expect only one value");
            }
        }
        for (String name : Set.of("until", "unused-for")) {
            for (String text : filters.of(name)) {
                Instant limit = time(name, text);
                wanted = wanted.and(one -> one.usedAt().isBefore(limit));
            }
        }
        for (String id : filters.of("id")) {
            wanted = wanted.and(one -> one.id().startsWith(id));
        }
        for (String parent : filters.of("parent")) {
            wanted =
                    wanted.and(one -> one.parentKey() != null && one.parentKey().contains(parent));
        }
        List<String> types = filters.of("type");
        if (!types.isEmpty()) {
            wanted = wanted.and(one -> types.contains(one.kind()));
        }
        Predicate<CacheRecord> flags = filters.flag("inuse")
                .<Predicate<CacheRecord>>map(flag -> one -> one.inUse() == flag)
                .orElse(_ -> true);
        Predicate<CacheRecord> shared = filters.flag("shared")
                .<Predicate<CacheRecord>>map(flag -> one -> one.shared() == flag)
                .orElse(_ -> true);
        Predicate<CacheRecord> own = filters.flag("private")
                .<Predicate<CacheRecord>>map(flag -> one -> one.shared() != flag)
                .orElse(_ -> true);
        wanted = wanted.and(flags).and(shared).and(own);
        for (String text : filters.of("description")) {
            PatternSet pattern = bounded(text, () -> PatternSet.strict(List.of(text)));
            wanted = wanted.and(one -> bounded(text, () -> pattern.anyIn(one.description())));
        }
        return wanted;
    }

    private static Instant time(String filter, String text) {
        try {
            return ImageFilter.time(text);
        } catch (InvalidParameter e) {
            throw new InvalidParameter(
                    "\"" + filter + "\" filter expects a duration (e.g., '24h') or a timestamp: " + e.text(), e);
        }
    }

    private static <T> T bounded(String text, Supplier<T> matching) {
        try {
            return matching.get();
        } catch (InvalidPattern e) {
            throw new InvalidParameter("invalid filter 'description=[" + text + "]': " + e.getMessage(), e);
        }
    }
}
