package io.berth.engine.container;

import io.berth.docker.error.InvalidParameter;
import io.berth.dockerserver.filter.Filters;
import io.berth.engine.network.PublishedPort;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The filters {@code publish}, by ports of the host, and {@code expose}, by ports of the container: {@code
 * port[-port][/protocol]}, with tcp when no protocol is said. Who uses both gets what passes either (moby: daemon/list.go).
 */
final class PortFilter {
    private static final String PUBLISH = "publish";
    private static final String EXPOSE = "expose";
    private static final Pattern FORM = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?(?:/([a-z]+))?");
    private static final int MAX_PORT = 65_535;

    private final Filters filters;

    /**
     * @throws InvalidParameter for what is no port
     */
    PortFilter(Filters filters) {
        this.filters = filters;
        check(filters, PUBLISH);
        check(filters, EXPOSE);
    }

    private static void check(Filters filters, String field) {
        for (String wanted : filters.of(field)) {
            if (wanted.indexOf(':') >= 0) {
                throw new InvalidParameter("filter for '" + field + "' should not contain ':': " + wanted);
            }
            Matcher form = FORM.matcher(wanted);
            if (!form.matches() || first(form) > last(form) || last(form) > MAX_PORT) {
                throw new InvalidParameter("error while looking up for " + field + " " + wanted
                        + ": strconv.ParseUint: parsing \"" + wanted + "\": invalid syntax");
            }
        }
    }

    /** Whether one of the ports that the container shows now is wanted. */
    boolean accepts(ContainerSnapshot container) {
        if (filters.of(PUBLISH).isEmpty() && filters.of(EXPOSE).isEmpty()) {
            return true;
        }
        return container.network().hasAddress()
                && (published(container).anyMatch(port -> isWanted(PUBLISH, port))
                        || exposed(container).anyMatch(port -> isWanted(EXPOSE, port)));
    }

    private static Stream<String> published(ContainerSnapshot container) {
        return container.network().ports().stream()
                .map(port -> port.hostPort() + port.key().substring(port.key().indexOf('/')));
    }

    private static Stream<String> exposed(ContainerSnapshot container) {
        @Nullable
        Map<String, Map<String, Object>> ports = container.spec().config().exposedPorts();
        return Stream.concat(
                ports == null ? Stream.empty() : ports.keySet().stream(),
                container.network().ports().stream().map(PublishedPort::key));
    }

    private boolean isWanted(String field, String port) {
        Matcher one = FORM.matcher(port);
        return one.matches() && filters.of(field).stream().map(FORM::matcher).anyMatch(range -> covers(range, one));
    }

    private static boolean covers(Matcher range, Matcher one) {
        return range.matches()
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
