package io.berth.engine.held.web;

import io.berth.docker.system.HeldResponse;
import io.berth.docker.system.HeldResponse.OfContainer;
import io.berth.docker.system.HeldResponse.Orphan;
import io.berth.docker.system.HeldResponse.Total;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What the engine holds as lines of text. */
final class HeldText {
    private static final String ROW = "%-14s %-24s %-10s %9s %7s %10s %6s %10s  %s%n";
    private static final int SHORT_ID = 12;

    private HeldText() {}

    static String of(HeldResponse held) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                ROW,
                "CONTAINER",
                "NAME",
                "STATE",
                "PROCESSES",
                "CGROUPS",
                "NAMESPACES",
                "MOUNTS",
                "KEPT FILES",
                "USER IDS"));
        held.containers().forEach(container -> text.append(row(container)));
        Total total = held.total();
        text.append(String.format(
                Locale.ROOT,
                ROW,
                "total",
                total.containers() + " containers",
                total.running() + " running",
                total.processes(),
                total.cgroups(),
                total.namespaces().values().stream().mapToInt(Integer::intValue).sum(),
                total.mounts(),
                total.keptFiles(),
                total.userRanges() + " ranges"));
        text.append("directories: ")
                .append(total.directories())
                .append(" of containers, ")
                .append(total.volumes())
                .append(" of volumes\nengine: ")
                .append(held.engine().threads())
                .append(" threads, descriptors: ")
                .append(counts(held.engine().descriptors()))
                .append("; mounts on the host: ")
                .append(held.engine().hostMounts().size())
                .append('\n');
        if (held.orphans().isEmpty()) {
            return text.append("orphans: none\n").toString();
        }
        text.append("orphans:\n");
        for (Orphan orphan : held.orphans()) {
            text.append("  ")
                    .append(orphan.kind())
                    .append(' ')
                    .append(orphan.what())
                    .append('\n');
        }
        return text.toString();
    }

    private static String row(OfContainer container) {
        return String.format(
                Locale.ROOT,
                ROW,
                container.id().substring(0, SHORT_ID),
                container.name(),
                container.state(),
                container.processes().size(),
                container.cgroups().size(),
                container.namespaces().size(),
                container.mounts(),
                container.keptFiles(),
                container.userRange().isEmpty() ? "host's" : container.userRange());
    }

    private static String counts(Map<String, Integer> kinds) {
        return kinds.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
    }
}
