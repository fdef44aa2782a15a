package io.berth.engine.container;

import io.berth.docker.error.InvalidParameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which columns a user of {@code top} wants, from the arguments of ps(1). Those that select processes are taken and mean
 * nothing, since all the container's processes are shown.
 */
final class PsFormat {
    private static final List<Column> FULL = columns("user:UID,pid,ppid,c,stime,tty:TTY,time,args:CMD");
    private static final List<Column> BSD =
            columns("user,pid,%cpu,%mem,vsz,rss,tty:TTY,stat,start_time,bsdtime:TIME,args");
    private static final List<Column> SHORT = columns("pid,tty:TTY,time,comm:CMD");
    private static final List<Column> BSD_SHORT = columns("pid,tty:TTY,stat,bsdtime:TIME,args");

    private PsFormat() {}

    /**
     * A column.
     *
     * @param field as {@link ProcFacts#column} knows it
     * @param title above it
     */
    record Column(String field, String title) {}

    /**
     * @throws InvalidParameter when an argument or a column is not known, or the pid is not among the columns
     */
    static List<Column> parse(String arguments) {
        List<String> words = new ArrayList<>(Arrays.asList(arguments.strip().split("\\s+")));
        List<Column> chosen = new ArrayList<>();
        boolean full = arguments.isBlank();
        boolean bsd = false;
        boolean user = false;
        while (!words.isEmpty()) {
            String word = words.removeFirst();
            String flags = word.startsWith("-") ? word.substring(1) : word;
            for (int i = 0; i < flags.length(); i++) {
                switch (flags.charAt(i)) {
                    case 'e', 'A', 'a', 'w', 'H' -> {}
                    case 'f' -> full |= word.startsWith("-");
                    case 'x', 'g' -> bsd = true;
                    case 'u' -> user = true;
                    case 'o' -> {
                        String rest = flags.substring(i + 1);
                        chosen.addAll(columns(rest.isEmpty() && !words.isEmpty() ? words.removeFirst() : rest));
                        i = flags.length();
                    }
                    default ->
                        throw new InvalidParameter(
                                "ps argument \"" + word + "\" is not supported: use -ef, aux, or -o with columns");
                }
            }
            bsd |= !word.startsWith("-") && flags.startsWith("a");
        }
        if (!chosen.isEmpty()) {
            return withPid(chosen);
        }
        if (user) {
            return BSD;
        }
        if (full) {
            return FULL;
        }
        return bsd ? BSD_SHORT : SHORT;
    }

    private static List<Column> withPid(List<Column> columns) {
        if (columns.stream().noneMatch(column -> column.title().equals("PID"))) {
            throw new InvalidParameter("Couldn't find PID field in ps output");
        }
        return List.copyOf(columns);
    }

    /** A list such as {@code pid,comm,user:20}; a number after a colon is a width, which JSON has none of. */
    private static List<Column> columns(String list) {
        List<Column> columns = new ArrayList<>();
        for (String entry : list.split(",")) {
            int colon = entry.indexOf(':');
            String field = (colon < 0 ? entry : entry.substring(0, colon)).toLowerCase(Locale.ROOT);
            String given = colon < 0 || entry.substring(colon + 1).matches("\\d*") ? "" : entry.substring(colon + 1);
            if (field.indexOf('=') >= 0) {
                throw new InvalidParameter("specifying \"" + entry + "\" is not allowed");
            }
            @Nullable String title = ProcFacts.TITLES.get(field);
            if (title == null) {
                throw new InvalidParameter("unknown ps column \"" + entry + "\"");
            }
            columns.add(new Column(field, given.isEmpty() ? title : given));
        }
        return columns;
    }

    /** Titles of a table. */
    static List<String> titles(List<Column> columns) {
        return columns.stream().map(Column::title).toList();
    }

    /** A row of a table. */
    static List<String> row(List<Column> columns, ProcFacts process, Map<String, String> users) {
        return columns.stream()
                .map(column -> process.column(column.field(), users))
                .toList();
    }
}
