package io.berth.registryclient;

import io.berth.oci.ImageReference;
import io.berth.outgoing.Addresses;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Decides which registries are spoken to in plain HTTP: those on a loopback name or address and those configured, as the
 * {@code insecure-registries} of Docker's configuration are. All others get HTTPS with verified certificates.
 *
 * <p>A configured entry is {@code host}, {@code host:port} or, for registries named by address, a range such as
 * {@code 10.0.0.0/8}. Names are not looked up: what a name resolves to today must not decide whether TLS is used.
 */
public final class InsecureRegistries {
    private static final String HUB_HOST = "registry-1.docker.io";

    private final List<String> entries;

    /** @param entries configured hosts and address ranges */
    public InsecureRegistries(List<String> entries) {
        this.entries =
                entries.stream().map(entry -> entry.toLowerCase(Locale.ROOT)).toList();
    }

    /** The endpoint that serves a reference's domain. */
    public RegistryEndpoint endpoint(String domain) {
        if (domain.equals(ImageReference.DEFAULT_DOMAIN)) {
            return new RegistryEndpoint(domain, "https", HUB_HOST);
        }
        return new RegistryEndpoint(domain, covers(domain) ? "http" : "https", domain);
    }

    /** Whether plain HTTP is allowed for this host. */
    boolean covers(URI uri) {
        String host = uri.getHost();
        return host != null && covers(uri.getPort() < 0 ? host : host + ":" + uri.getPort());
    }

    private boolean covers(String authority) {
        String lower = authority.toLowerCase(Locale.ROOT);
        String host = host(lower);
        if (isLoopback(host) || entries.contains(lower) || entries.contains(host)) {
            return true;
        }
        Optional<InetAddress> address = Addresses.literal(host);
        return address.isPresent()
                && entries.stream().anyMatch(entry -> entry.contains("/") && Addresses.inRange(address.get(), entry));
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost")
                || Addresses.literal(host).map(InetAddress::isLoopbackAddress).orElse(false);
    }

    private static String host(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
    }
}
