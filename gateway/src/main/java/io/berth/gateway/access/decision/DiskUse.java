package io.berth.gateway.access.decision;

import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A kind of thing that {@code GET /system/df} tells of, and how its sums come about.
 *
 * @param list its field below API 1.53
 * @param section its field from API 1.52 on
 * @param bytes that one takes
 * @param active whether one is in use
 */
record DiskUse(String list, String section, ToLongFunction<JsonNode> bytes, Predicate<JsonNode> active) {
    /** What images share counts for each of them: how much others have of it is not the caller's to know. */
    static final DiskUse IMAGES = new DiskUse(
            "Images",
            "ImageUsage",
            image -> image.path("Size").asLong(0),
            image -> image.path("Containers").asLong(0) > 0);

    static final DiskUse CONTAINERS = new DiskUse(
            "Containers",
            "ContainerUsage",
            container -> container.path("SizeRw").asLong(0),
            container -> container.path("State").asString("").equals("running"));
    static final DiskUse VOLUMES = new DiskUse(
            "Volumes",
            "VolumeUsage",
            volume -> Math.max(0, volume.path("UsageData").path("Size").asLong(0)),
            volume -> volume.path("UsageData").path("RefCount").asLong(0) > 0);
    static final DiskUse BUILD_CACHE = new DiskUse("BuildCache", "BuildCacheUsage", _ -> 0, _ -> false);

    private static final String ITEMS = "Items";

    /**
     * Shows what of an answer a caller may see.
     *
     * @param answer with details
     * @param seen gets the part
     * @param own takes out what is others'
     * @param verbose whether the section has details
     */
    void show(JsonNode answer, ObjectNode seen, Function<JsonNode, ArrayNode> own, boolean verbose) {
        JsonNode told = answer.path(section);
        ArrayNode items = own.apply(told.isObject() ? told.path(ITEMS) : answer.path(list));
        seen.set(list, items);
        if (!told.isObject()) {
            return;
        }
        long total = 0;
        long reclaimable = 0;
        long used = 0;
        for (JsonNode item : items) {
            long size = bytes.applyAsLong(item);
            total += size;
            if (active.test(item)) {
                used++;
            } else {
                reclaimable += size;
            }
        }
        ObjectNode sums = seen.putObject(section)
                .put("ActiveCount", used)
                .put("TotalCount", items.size())
                .put("Reclaimable", reclaimable)
                .put("TotalSize", total);
        if (verbose) {
            sums.set(ITEMS, items.deepCopy());
        }
    }
}
