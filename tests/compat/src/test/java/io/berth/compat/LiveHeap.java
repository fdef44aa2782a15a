package io.berth.compat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a service's heap holds after a full collection, by class.
 *
 * @param bytes class to bytes of all its objects
 * @param objects class to their number
 */
record LiveHeap(Map<String, Long> bytes, Map<String, Long> objects) {
    /** Collects twice, so that what waits for its cleaner in the first is gone in the second. */
    static LiveHeap of(long pid) {
        jcmd(pid, "GC.run");
        jcmd(pid, "GC.run_finalization");
        Map<String, Long> bytes = new HashMap<>();
        Map<String, Long> objects = new HashMap<>();
        for (String line : jcmd(pid, "GC.class_histogram").lines().toList()) {
            String[] columns = line.strip().split("\\s+");
            // Fillers are dead objects that the collector did not find worth moving others into.
            if (columns.length >= 4 && columns[0].matches("[0-9]+:") && !columns[3].contains("FillerElement")) {
                bytes.merge(columns[3], Long.parseLong(columns[2]), Long::sum);
                objects.merge(columns[3], Long.parseLong(columns[1]), Long::sum);
            }
        }
        return new LiveHeap(bytes, objects);
    }

    long total() {
        return bytes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Classes of a package of which there are at least so many objects more than before. */
    List<String> multiplied(LiveHeap before, String packages, long least) {
        return objects.entrySet().stream()
                .filter(entry -> entry.getKey().matches(packages))
                .filter(entry -> entry.getValue() - before.objects.getOrDefault(entry.getKey(), 0L) >= least)
                .map(entry -> entry.getKey() + " " + before.objects.getOrDefault(entry.getKey(), 0L) + " -> "
                        + entry.getValue())
                .toList();
    }

    /** The classes that have most more than before. */
    String grown(LiveHeap before) {
        return bytes.entrySet().stream()
                .map(entry ->
                        Map.entry(entry.getKey(), entry.getValue() - before.bytes.getOrDefault(entry.getKey(), 0L)))
                .sorted(Comparator.comparing((Map.Entry<String, Long> entry) -> entry.getValue())
                        .reversed())
                .limit(15)
                .map(entry -> entry.getKey() + " +" + entry.getValue())
                .collect(Collectors.joining("\n  ", "\n  ", ""));
    }

    private static String jcmd(long pid, String command) {
        return Running.run(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                        .toString(),
                                Long.toString(pid),
                                command),
                        Map.of(),
                        new byte[0],
                        Duration.ofMinutes(1))
                .ok();
    }
}
