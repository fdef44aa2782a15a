package io.berth.engine.stats;

import java.util.Map;
import java.util.TreeMap;

/** Traffic of one network interface, since it was made. */
public record InterfaceCounters(
        long rxBytes,
        long rxPackets,
        long rxErrors,
        long rxDropped,
        long txBytes,
        long txPackets,
        long txErrors,
        long txDropped) {
    private static final int FIELDS = 16;

    /** Reads the text of {@code /proc/<pid>/net/dev} (two lines of headings, then one for each interface), without loopback. */
    static Map<String, InterfaceCounters> parse(String text) {
        Map<String, InterfaceCounters> counters = new TreeMap<>();
        text.lines().skip(2).forEach(line -> {
            int colon = line.indexOf(':');
            String name = colon < 0 ? "lo" : line.substring(0, colon).strip();
            String[] fields = line.substring(colon + 1).strip().split("\\s+");
            if (!name.equals("lo") && fields.length >= FIELDS) {
                counters.put(
                        name,
                        new InterfaceCounters(
                                Long.parseLong(fields[0]),
                                Long.parseLong(fields[1]),
                                Long.parseLong(fields[2]),
                                Long.parseLong(fields[3]),
                                Long.parseLong(fields[8]),
                                Long.parseLong(fields[9]),
                                Long.parseLong(fields[10]),
                                Long.parseLong(fields[11])));
            }
        });
        return counters;
    }
}
