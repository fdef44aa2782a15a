package io.berth.engine.network;

import io.berth.docker.error.InvalidParameter;
import io.berth.engine.network.runtime.PortRule.Protocol;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A wish to publish a port.
 *
 * @param hostIp empty for the default
 * @param firstHostPort 0 for any that is free
 * @param lastHostPort any from the first to this one
 */
record PortSpec(int containerPort, Protocol protocol, String hostIp, int firstHostPort, int lastHostPort) {
    private static final int MAX_PORT = 65535;

    /** A container's port: {@code 80/tcp}. */
    record Exposed(int port, Protocol protocol) implements Comparable<Exposed> {
        private static final Comparator<Exposed> ORDER =
                Comparator.comparingInt(Exposed::port).thenComparing(Exposed::protocol);

        @Override
        public int compareTo(Exposed other) {
            return ORDER.compare(this, other);
        }

        /**
         * @param text number and protocol; without one it is TCP
         * @throws InvalidParameter in moby's words
         */
        static Exposed parse(String text) {
            int slash = text.indexOf('/');
            String number = slash < 0 ? text : text.substring(0, slash);
            if (!number.matches("\\d{1,5}") || Integer.parseInt(number) > MAX_PORT || Integer.parseInt(number) == 0) {
                throw new InvalidParameter("invalid port specification: \"" + text + "\"");
            }
            try {
                return new Exposed(
                        Integer.parseInt(number),
                        slash < 0
                                ? Protocol.TCP
                                : Protocol.valueOf(text.substring(slash + 1).toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException e) {
                throw new InvalidParameter("invalid port specification: \"" + text + "\"", e);
            }
        }

        @Override
        public String toString() {
            return port + "/" + protocol.name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * All that is to be published, by container port.
     *
     * @param bindings HostConfig.PortBindings
     * @param exposed ports that are published somewhere when all are
     * @throws InvalidParameter in moby's words
     */
    static List<PortSpec> of(
            @Nullable Map<String, @Nullable List<Map<String, Object>>> bindings,
            Set<String> exposed,
            boolean publishAll) {
        List<PortSpec> specs = new ArrayList<>();
        Set<Exposed> bound = new TreeSet<>();
        if (bindings != null) {
            bindings.forEach((port, list) -> {
                Exposed container = Exposed.parse(port);
                for (Map<String, Object> binding : list == null ? List.<Map<String, Object>>of() : list) {
                    bound.add(container);
                    specs.add(parse(container, text(binding, "HostIp"), text(binding, "HostPort")));
                }
            });
        }
        if (publishAll) {
            exposed.stream()
                    .map(Exposed::parse)
                    .filter(port -> !bound.contains(port))
                    .forEach(port -> specs.add(new PortSpec(port.port(), port.protocol(), "", 0, 0)));
        }
        specs.sort(Comparator.comparing((PortSpec spec) -> new Exposed(spec.containerPort, spec.protocol)));
        return specs;
    }

    private static PortSpec parse(Exposed container, String hostIp, String hostPort) {
        if (hostPort.isEmpty()) {
            return checked(new PortSpec(container.port(), container.protocol(), hostIp, 0, 0));
        }
        if (!hostPort.matches("\\d{1,5}(-\\d{1,5})?")) {
            throw new InvalidParameter("invalid port specification: \"" + hostPort + "\"");
        }
        int dash = hostPort.indexOf('-');
        int first = Integer.parseInt(dash < 0 ? hostPort : hostPort.substring(0, dash));
        int last = dash < 0 ? first : Integer.parseInt(hostPort.substring(dash + 1));
        if (last < first || last > MAX_PORT) {
            throw new InvalidParameter("invalid port specification: \"" + hostPort + "\"");
        }
        return checked(new PortSpec(container.port(), container.protocol(), hostIp, first, last));
    }

    private static PortSpec checked(PortSpec spec) {
        if (!spec.hostIp.isEmpty() && IpamCheck.literal(spec.hostIp).isEmpty()) {
            throw new InvalidParameter("invalid IP address: " + spec.hostIp);
        }
        return spec;
    }

    private static String text(Map<String, Object> binding, String field) {
        for (Map.Entry<String, Object> entry : binding.entrySet()) {
            if (entry.getKey().equalsIgnoreCase(field)) {
                @Nullable Object value = entry.getValue();
                return value == null ? "" : value.toString();
            }
        }
        return "";
    }
}
