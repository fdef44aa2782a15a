package io.berth.engine.network.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.host.Finding;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.netlink.Link;
import io.berth.linux.netlink.Route;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RouteOverlapsTest {
    private static final List<Link> LINKS = List.of(
            link(1, "lo", ""),
            link(2, "eth0", ""),
            link(3, "br-one", "berth:engine:one"),
            link(4, "br-two", "berth:engine:two"),
            link(5, "tun0", ""));

    private static Link link(int index, String name, String alias) {
        return new Link(index, name, 1, 1500, null, "", 0, 0, alias);
    }

    private static Route route(String destination, int link) {
        return new Route(IpPrefix.parse(destination), null, link, Route.MAIN, Route.Type.UNICAST, 0);
    }

    private static Finding judge(Route... more) {
        Stream<Route> usual = Stream.of(
                Route.defaultBy(InetAddress.ofLiteral("192.168.1.1"), 2),
                route("192.168.1.0/24", 2),
                route("172.18.0.0/16", 3),
                route("172.19.0.0/16", 4),
                route("fe80::/64", 2),
                route("fe80::/64", 3));
        return RouteOverlaps.judge(LINKS, Stream.concat(usual, Stream.of(more)).toList());
    }

    @Test
    void allIsWellWithoutAnOverlap() {
        assertThat(judge().status()).isEqualTo(Finding.Status.OK);
        assertThat(judge(route("10.0.0.0/8", 5)).status()).isEqualTo(Finding.Status.OK);
    }

    @Test
    void aRouteThatCameLaterIsFound() {
        for (String vpn : List.of("172.16.0.0/12", "172.18.0.0/16", "172.18.5.0/24")) {
            Finding finding = judge(route(vpn, 5));
            assertThat(finding.status()).isEqualTo(Finding.Status.DEGRADED);
            assertThat(finding.text()).contains("172.18.0.0/16 (br-one) and " + vpn + " (tun0)");
        }
    }
}
