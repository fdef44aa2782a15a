package io.berth.engine.container;

import io.berth.docker.container.HostConfig;
import io.berth.engine.network.Endpoint;
import io.berth.linux.netlink.IpPrefix;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The contents of a container's hostname, hosts and resolv.conf files, as Docker writes them. */
final class NetworkFiles {
    private static final Path HOST_RESOLV_CONF = Path.of("/etc/resolv.conf");
    private static final Path HOST_HOSTS = Path.of("/etc/hosts");
    private static final String HOST_GATEWAY = "host-gateway";
    private static final String HOSTS = """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::0\tip6-localnet
            ff00::0\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            """;

    private NetworkFiles() {}

    /** What is in the files. */
    record Texts(String hostname, String hosts, String resolvConf) {}

    /**
     * Contents of the files.
     *
     * @param endpoints the container's connections
     * @param named whether the container has the engine's name server
     * @param links names of linked containers, by address
     * @param hostGateway stands for the host in extra hosts
     */
    static Texts contents(
            ContainerSpec spec,
            List<Endpoint> endpoints,
            boolean named,
            Map<String, String> links,
            Optional<InetAddress> hostGateway) {
        boolean host = spec.hostConfig().networkMode().equals("host");
        StringBuilder hosts = new StringBuilder();
        if (host && orEmpty(spec.hostConfig().extraHosts()).isEmpty()) {
            lines(HOST_HOSTS).forEach(line -> hosts.append(line).append('\n'));
        } else {
            hosts.append(HOSTS);
        }
        appendExtra(hosts, spec, hostGateway);
        if (!host) {
            links.forEach((address, names) -> append(hosts, address, names));
            appendOwn(hosts, spec, endpoints);
        }
        return new Texts(
                spec.config().hostname() + "\n",
                hosts.toString(),
                resolvConf(
                        spec.hostConfig(),
                        host,
                        named,
                        endpoints.stream().anyMatch(endpoint -> !endpoint.ipv6().isEmpty())));
    }

    private static String resolvConf(HostConfig settings, boolean host, boolean named, boolean ipv6) {
        List<String> lines = lines(HOST_RESOLV_CONF);
        if (host) {
            return ResolvConf.inHostNetwork(settings, lines);
        }
        return named ? embedded(settings, ipv6).text() : ResolvConf.inOwnNetwork(settings, lines);
    }

    /** The file, and the servers, of a container that has the engine's name server. */
    static ResolvConf.Embedded embedded(HostConfig settings, boolean ipv6) {
        return ResolvConf.withEmbeddedServer(settings, lines(HOST_RESOLV_CONF), ipv6);
    }

    /** A container's own name at each of its addresses. */
    private static void appendOwn(StringBuilder hosts, ContainerSpec spec, List<Endpoint> endpoints) {
        String hostname = spec.config().hostname();
        String domain = spec.config().domainname();
        String names = domain.isEmpty() ? hostname : hostname + "." + domain + " " + hostname;
        for (Endpoint endpoint : endpoints) {
            endpoint.addresses().forEach(address -> append(hosts, IpPrefix.text(address), names));
        }
    }

    private static void append(StringBuilder hosts, String address, String names) {
        hosts.append(address).append('\t').append(names).append('\n');
    }

    private static void appendExtra(StringBuilder hosts, ContainerSpec spec, Optional<InetAddress> hostGateway) {
        for (String extra : orEmpty(spec.hostConfig().extraHosts())) {
            int separator = extra.indexOf('=') > 0 ? extra.indexOf('=') : extra.indexOf(':');
            if (separator > 0) {
                String address = extra.substring(separator + 1).replace("[", "").replace("]", "");
                String settled = address.equals(HOST_GATEWAY)
                        ? hostGateway.map(IpPrefix::text).orElse("")
                        : address;
                if (!settled.isEmpty()) {
                    append(hosts, settled, extra.substring(0, separator));
                }
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
