package io.berth.gateway.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Joins pages of Prometheus' text format (version 0.0.4) into one: each sample says by a label which service it is of, and
 * what several services measure under one name is one family, as the format wants it. Used by one thread.
 */
final class MetricsText {
    private static final String SERVICE = "service";

    private final Map<String, Family> families = new LinkedHashMap<>();

    /** A name with its comment lines and its samples, each without its end of line. */
    private static final class Family {
        private final List<String> comments = new ArrayList<>(2);
        private final List<String> samples = new ArrayList<>();
    }

    /**
     * Adds a service's page.
     *
     * @param page as its actuator gives it; comments precede the samples they are about
     */
    void add(String service, String page) {
        Family current = null;
        boolean known = false;
        String name = "";
        for (String line : page.split("\n", -1)) {
            if (line.startsWith("# HELP ") || line.startsWith("# TYPE ")) {
                String about = line.substring(7, end(line, 7));
                if (current == null || !about.equals(name)) {
                    name = about;
                    known = families.containsKey(name);
                    current = families.computeIfAbsent(name, _ -> new Family());
                }
                if (!known) {
                    current.comments.add(line);
                }
            } else if (!line.isBlank() && !line.startsWith("#")) {
                Family family = current == null
                        ? families.computeIfAbsent(line.substring(0, nameEnd(line)), _ -> new Family())
                        : current;
                family.samples.add(labelled(line, SERVICE, service));
            }
        }
    }

    /** Declares a family of this page's own; its samples follow by {@link #sample}. */
    void declare(String name, String type, String help) {
        Family family = families.computeIfAbsent(name, _ -> new Family());
        family.comments.add("# HELP " + name + " " + help);
        family.comments.add("# TYPE " + name + " " + type);
    }

    /**
     * Adds a sample of a family that has been declared.
     *
     * @param labels names and values in turn
     */
    void sample(String name, double value, String... labels) {
        StringBuilder line = new StringBuilder(name).append('{');
        for (int i = 0; i < labels.length; i += 2) {
            line.append(i == 0 ? "" : ",")
                    .append(labels[i])
                    .append("=\"")
                    .append(escape(labels[i + 1]))
                    .append('"');
        }
        line.append("} ").append(value);
        families.computeIfAbsent(name, _ -> new Family()).samples.add(line.toString());
    }

    @Override
    public String toString() {
        StringBuilder page = new StringBuilder();
        families.values().forEach(family -> {
            family.comments.forEach(line -> page.append(line).append('\n'));
            family.samples.forEach(line -> page.append(line).append('\n'));
        });
        return page.toString();
    }

    private static String labelled(String line, String label, String value) {
        int end = nameEnd(line);
        String name = line.substring(0, end);
        if (end < line.length() && line.charAt(end) == '{') {
            boolean empty = line.charAt(end + 1) == '}';
            return name + '{' + label + "=\"" + value + '"' + (empty ? "" : ",") + line.substring(end + 1);
        }
        return name + '{' + label + "=\"" + value + "\"}" + line.substring(end);
    }

    private static int nameEnd(String line) {
        int end = 0;
        while (end < line.length() && line.charAt(end) != '{' && line.charAt(end) != ' ') {
            end++;
        }
        return end;
    }

    private static int end(String line, int from) {
        int space = line.indexOf(' ', from);
        return space < 0 ? line.length() : space;
    }

    private static String escape(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
