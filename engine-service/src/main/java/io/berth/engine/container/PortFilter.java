package io.berth.engine.container;

import io.berth.docker.error.InvalidParameter;
import io.berth.engine.filter.Filters;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Filters {@code expose} and {@code publish}: {@code port[-port][/protocol]}, with tcp when no protocol is said. */
final class PortFilter {
    private static final Pattern FORM = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?(?:/([a-z]+))?");
    private static final int MAX_PORT = 65_535;

    private PortFilter() {}

    /** Refuses what is no port. */
    static void check(Filters filters, String field) {
        for (String wanted : filters.of(field)) {
            Matcher form = FORM.matcher(wanted);
            if (!form.matches() || first(form) > last(form) || last(form) > MAX_PORT) {
                throw new InvalidParameter("error while looking up for " + field + " " + wanted
                        + ": strconv.ParseUint: parsing \"" + wanted + "\": invalid syntax");
            }
        }
    }

    /** Whether one of a container's ports, {@code 80/tcp}, is among those wanted. */
    static boolean matches(Filters filters, String field, Collection<String> ports) {
        return filters.any(field, wanted -> ports.stream().anyMatch(port -> covers(wanted, port)));
    }

    private static boolean covers(String wanted, String port) {
        Matcher range = FORM.matcher(wanted);
        Matcher one = FORM.matcher(port);
        return range.matches()
                && one.matches()
                && protocol(range).equals(protocol(one))
                && first(range) <= first(one)
                && last(one) <= last(range);
    }

    private static int first(Matcher form) {
        return Integer.parseInt(form.group(1));
    }

    private static int last(Matcher form) {
        return form.group(2) == null ? first(form) : Integer.parseInt(form.group(2));
    }

    private static String protocol(Matcher form) {
        return form.group(3) == null ? "tcp" : form.group(3);
    }
}
