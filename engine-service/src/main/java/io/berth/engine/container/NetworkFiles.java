package io.berth.engine.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The contents of a container's hostname, hosts and resolv.conf files, as Docker writes them. */
final class NetworkFiles {
    private static final Path HOST_RESOLV_CONF = Path.of("/etc/resolv.conf");
    private static final Path HOST_HOSTS = Path.of("/etc/hosts");
    private static final String HOSTS = """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::0\tip6-localnet
            ff00::0\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            """;

    private NetworkFiles() {}

    /** Contents by file name. */
    static Map<String, String> contents(ContainerSpec spec) {
        if (spec.hostConfig().networkMode().equals("host")) {
            return hostContents(spec);
        }
        return Map.of(
                "hostname", spec.config().hostname() + "\n",
                "hosts", hosts(spec),
                "resolv.conf", ResolvConf.inOwnNetwork(spec.hostConfig(), lines(HOST_RESOLV_CONF)));
    }

    /** A container in the host's network has the host's own servers, and its names unless it is given some. */
    private static Map<String, String> hostContents(ContainerSpec spec) {
        StringBuilder hosts = new StringBuilder();
        if (orEmpty(spec.hostConfig().extraHosts()).isEmpty()) {
            lines(HOST_HOSTS).forEach(line -> hosts.append(line).append('\n'));
        } else {
            hosts.append(HOSTS);
        }
        appendExtra(hosts, spec);
        return Map.of(
                "hostname", spec.config().hostname() + "\n",
                "hosts", hosts.toString(),
                "resolv.conf", ResolvConf.inHostNetwork(spec.hostConfig(), lines(HOST_RESOLV_CONF)));
    }

    private static String hosts(ContainerSpec spec) {
        StringBuilder hosts = new StringBuilder(HOSTS);
        appendExtra(hosts, spec);
        if (!spec.hostConfig().networkMode().equals("none")) {
            // There is no other address yet, and programs expect to find their own name.
            hosts.append("127.0.0.1\t").append(spec.config().hostname()).append('\n');
        }
        return hosts.toString();
    }

    private static void appendExtra(StringBuilder hosts, ContainerSpec spec) {
        for (String extra : orEmpty(spec.hostConfig().extraHosts())) {
            int separator = extra.indexOf('=') > 0 ? extra.indexOf('=') : extra.indexOf(':');
            if (separator > 0) {
                String address = extra.substring(separator + 1).replace("[", "").replace("]", "");
                hosts.append(address).append('\t').append(extra, 0, separator).append('\n');
            }
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            // A host without the file resolves nothing, and so does the container.
            return List.of();
        }
    }

    private static List<String> orEmpty(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }
}
