package io.berth.engine.container;

import io.berth.docker.container.HostConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The contents of a container's hostname, hosts and resolv.conf files, as Docker writes them. */
final class NetworkFiles {
    private static final Path HOST_RESOLV_CONF = Path.of("/etc/resolv.conf");
    private static final String HOSTS = """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::\tip6-localnet
            ff00::\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            """;

    private NetworkFiles() {}

    /** Contents by file name. */
    static Map<String, String> contents(ContainerSpec spec) {
        return Map.of(
                "hostname", spec.config().hostname() + "\n",
                "hosts", hosts(spec),
                "resolv.conf", resolvConf(spec.hostConfig(), hostLines()));
    }

    private static String hosts(ContainerSpec spec) {
        StringBuilder hosts = new StringBuilder(HOSTS);
        // There is no other address yet, and programs expect to find their own name.
        hosts.append("127.0.0.1\t").append(spec.config().hostname()).append('\n');
        for (String extra : orEmpty(spec.hostConfig().extraHosts())) {
            int separator = extra.indexOf('=') > 0 ? extra.indexOf('=') : extra.indexOf(':');
            if (separator > 0) {
                String address = extra.substring(separator + 1).replace("[", "").replace("]", "");
                hosts.append(address).append('\t').append(extra, 0, separator).append('\n');
            }
        }
        return hosts.toString();
    }

    private static List<String> hostLines() {
        try {
            return Files.readAllLines(HOST_RESOLV_CONF);
        } catch (IOException e) {
            // A host without the file resolves nothing, and so does the container.
            return List.of();
        }
    }

    /** The host's settings, less name servers that only the host can reach, overridden by the container's own. */
    static String resolvConf(HostConfig host, List<String> hostLines) {
        List<String> lines = new ArrayList<>();
        if (orEmpty(host.dns()).isEmpty()) {
            hostLines.stream().filter(NetworkFiles::isReachableServer).forEach(lines::add);
        } else {
            orEmpty(host.dns()).forEach(server -> lines.add("nameserver " + server));
        }
        if (orEmpty(host.dnsSearch()).isEmpty()) {
            hostLines.stream().filter(line -> line.startsWith("search ")).forEach(lines::add);
        } else if (!orEmpty(host.dnsSearch()).equals(List.of("."))) {
            lines.add("search " + String.join(" ", orEmpty(host.dnsSearch())));
        }
        if (orEmpty(host.dnsOptions()).isEmpty()) {
            hostLines.stream().filter(line -> line.startsWith("options ")).forEach(lines::add);
        } else {
            lines.add("options " + String.join(" ", orEmpty(host.dnsOptions())));
        }
        return String.join("\n", lines) + "\n";
    }

    private static boolean isReachableServer(String line) {
        return line.startsWith("nameserver ")
                && !line.startsWith("nameserver 127.")
                && !line.strip().equals("nameserver ::1");
    }

    private static List<String> orEmpty(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }
}
