package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads what EXPOSE says: {@code port}, {@code first-last}, with {@code /protocol}; addresses and host ports are read and dropped. */
public final class ExposedPorts {
    private static final Pattern ADDRESS = Pattern.compile(
            "(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(?:\\.(?=[0-9])|$)){4}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*");

    private ExposedPorts() {}

    /**
     * Ports in the shape {@code 80/tcp}, ranges spelt out, each once.
     *
     * @param words of an expanded instruction
     * @throws DockerfileException for what is not a port
     */
    public static List<String> parse(List<String> words) {
        List<String> ports = new ArrayList<>();
        Map<String, BitSet> seen = new HashMap<>();
        for (String word : words) {
            Spec spec = Spec.of(word);
            BitSet known = seen.computeIfAbsent(spec.protocol, protocol -> new BitSet());
            for (int port = known.nextClearBit(spec.range.first);
                    port <= spec.range.last;
                    port = known.nextClearBit(port)) {
                known.set(port);
                ports.add(port + "/" + spec.protocol);
            }
        }
        return ports;
    }

    /** Whether the protocol is not in lower case. */
    static boolean hasOddCase(String word) {
        int slash = word.lastIndexOf('/');
        String protocol = slash < 0 ? "" : word.substring(slash + 1);
        return !protocol.equals(protocol.toLowerCase(Locale.ROOT));
    }

    /** Whether an address or a port of the host is given, which mean nothing here. */
    static boolean hasHostPart(String word) {
        return word.indexOf(':') > 0 || word.lastIndexOf(':') > 0;
    }

    private record Range(int first, int last) {
        /** @throws DockerfileException with a message that the caller replaces */
        static Range of(String text) {
            int dash = text.indexOf('-');
            int first = port(dash < 0 ? text : text.substring(0, dash));
            int last = dash < 0 ? first : port(text.substring(dash + 1));
            if (last < first) {
                throw new DockerfileException("invalid range specified for port: " + text);
            }
            return new Range(first, last);
        }

        private static int port(String text) {
            if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) > 65_535) {
                throw new DockerfileException("invalid port: " + text);
            }
            return Integer.parseInt(text);
        }
    }

    private record Spec(Range range, String protocol) {
        static Spec of(String word) {
            int last = word.lastIndexOf(':');
            int before = last < 0 ? -1 : word.lastIndexOf(':', last - 1);
            String container = word.substring(last + 1);
            String host = last < 0 ? "" : word.substring(before + 1, last);
            String address = before < 0 ? "" : word.substring(0, before);
            int slash = container.indexOf('/');
            String port = slash < 0 ? container : container.substring(0, slash);
            String protocol = slash < 0 ? "" : container.substring(slash + 1).toLowerCase(Locale.ROOT);
            if (port.isEmpty()) {
                throw new DockerfileException(
                        "invalid port: " + Text.quote(word) + ": no port specified: " + container + "<empty>");
            }
            if (!List.of("", "tcp", "udp", "sctp").contains(protocol)) {
                throw new DockerfileException("invalid port: " + Text.quote(word) + ": invalid proto: " + protocol);
            }
            if (address.startsWith("[") && address.endsWith("]")) {
                address = address.substring(1, address.length() - 1);
            }
            if (!address.isEmpty() && !ADDRESS.matcher(address).matches()) {
                throw new DockerfileException("invalid IP address: " + address);
            }
            Range range = range(port, "containerPort");
            Range hostRange = host.isEmpty() ? range : range(host, "hostPort");
            if (range.last - range.first != hostRange.last - hostRange.first && range.last != range.first) {
                throw new DockerfileException(
                        "invalid ranges specified for container and host Ports: " + port + " and " + host);
            }
            return new Spec(range, protocol.isEmpty() ? "tcp" : protocol);
        }

        private static Range range(String text, String name) {
            try {
                return Range.of(text);
            } catch (DockerfileException e) {
                throw new DockerfileException("invalid " + name + ": " + text);
            }
        }
    }
}
