package io.berth.engine.network.kernel;

import io.berth.linux.Sysctl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Lets the host pass packets on between its links, as Docker does for networks that are not internal
 * (moby: libnetwork/drivers/bridge/setup_ip_forwarding.go). Never turned off again: others may rely on it by then.
 *
 * <p>Of the calling thread's network namespace, which is the engine's.
 */
final class IpForwarding {
    private static final String IPV4 = "net/ipv4/ip_forward";
    private static final String IPV6_LINKS = "net/ipv6/conf/";
    private static final String IPV6 = IPV6_LINKS + "all/forwarding";
    private static final String IPV6_NEW_LINKS = IPV6_LINKS + "default/forwarding";

    private IpForwarding() {}

    static void enableIpv4() {
        if (Sysctl.number(IPV4) == 0) {
            Sysctl.set(IPV4, "1");
        }
    }

    /**
     * A host that forwards stops listening to routers, and would lose the routes that it has from them: where it listened so
     * far it goes on to, which {@code accept_ra} of 2 says (kernel: Documentation/networking/ip-sysctl.rst).
     */
    static void enableIpv6() {
        if (Sysctl.number(IPV6) != 0) {
            return;
        }
        try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/sys/" + IPV6_LINKS))) {
            for (Path link : links) {
                keepListening(link.getFileName().toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list the links that have IPv6", e);
        }
        Sysctl.set(IPV6_NEW_LINKS, "1");
        Sysctl.set(IPV6, "1");
    }

    private static void keepListening(String link) {
        String parameter = IPV6_LINKS + link + "/accept_ra";
        if (!link.equals("all") && !link.equals("default") && Sysctl.number(parameter) == 1) {
            Sysctl.set(parameter, "2");
        }
    }
}
