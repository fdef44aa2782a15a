package io.berth.engine.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.network.runtime.HostUse;
import io.berth.engine.network.runtime.HostUse.Kind;
import io.berth.linux.netlink.IpPrefix;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubnetRulesTest {
    private static HostUse route(String prefix) {
        return new HostUse(Kind.ROUTE, IpPrefix.parse(prefix), "eth0");
    }

    @ParameterizedTest
    @CsvSource({
        "192.168.1.0/24, 192.168.1.0/24, true",
        "192.168.1.0/24, 192.168.1.128/25, true",
        "192.168.1.0/24, 192.168.0.0/16, true",
        "192.168.1.0/24, 192.168.2.0/24, false",
        "10.0.0.0/8, 10.255.255.255/32, true",
        "10.1.2.3/32, 0.0.0.0/0, true",
        "fd00::/8, fdab::/64, true",
        "fd00:1::/64, fd00:2::/64, false",
        "fd00::/8, 253.0.0.0/8, false"
    })
    void comparesWithRoutesBothWays(String route, String subnet, boolean touches) {
        assertThat(SubnetRules.touched(IpPrefix.parse(subnet), "", List.of(route(route)))
                        .isEmpty())
                .isNotEqualTo(touches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GATEWAY", "RESOLVER", "ADDRESS"})
    void comparesWithAddresses(Kind kind) {
        HostUse use = new HostUse(kind, IpPrefix.parse("192.168.1.7/24"), "eth0");
        assertThat(SubnetRules.touched(IpPrefix.parse("192.168.1.0/28"), "", List.of(use)))
                .containsExactly(use);
        assertThat(SubnetRules.touched(IpPrefix.parse("192.168.1.16/28"), "", List.of(use)))
                .isEmpty();
    }

    @Test
    void aBridgeOfTheHostsKeepsItsSubnet() {
        List<HostUse> host = List.of(
                new HostUse(Kind.ADDRESS, IpPrefix.parse("192.168.1.7/24"), "br0"),
                new HostUse(Kind.ROUTE, IpPrefix.parse("192.168.1.0/24"), "br0"),
                new HostUse(Kind.GATEWAY, IpPrefix.parse("192.168.1.1/32"), "br0"));
        assertThat(SubnetRules.touched(IpPrefix.parse("192.168.1.0/24"), "br0", host))
                .isEmpty();
        assertThat(SubnetRules.touched(IpPrefix.parse("192.168.1.0/25"), "br0", host))
                .isNotEmpty();
        assertThat(SubnetRules.touched(IpPrefix.parse("192.168.1.0/24"), "br1", host))
                .isNotEmpty();
    }

    /**
     * Beside a table of routes looked up address by address: a subnet touches a route exactly where some address goes elsewhere than
     * before, or an address of the subnet's own does not go to it.
     */
    @ParameterizedTest
    @CsvSource({"198.51.100.0, 32", "2001:db8::, 128"})
    void seesWhatAnAddressByAddressLookUpSees(String base, int bits) {
        int freeBits = 5;
        Random random = new Random(7);
        IpPrefix universe = new IpPrefix(InetAddress.ofLiteral(base), bits - freeBits);
        for (int round = 0; round < 2000; round++) {
            List<IpPrefix> routes = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                routes.add(prefix(universe, freeBits, random));
            }
            IpPrefix subnet = prefix(universe, freeBits, random);
            boolean wrong = false;
            for (int i = 0; i < 1 << freeBits; i++) {
                InetAddress address = universe.at(BigInteger.valueOf(i));
                Optional<IpPrefix> before = longest(routes, address);
                boolean taken = subnet.contains(address)
                        && before.map(route -> route.length() <= subnet.length())
                                .orElse(false);
                boolean hidden = subnet.contains(address)
                        && before.map(route -> route.length() > subnet.length()).orElse(false);
                wrong |= taken || hidden;
            }
            List<HostUse> uses = routes.stream()
                    .map(route -> new HostUse(Kind.ROUTE, route, "eth0"))
                    .toList();
            assertThat(SubnetRules.touched(subnet, "", uses).isEmpty())
                    .as("%s beside %s", subnet, routes)
                    .isNotEqualTo(wrong);
        }
    }

    private static IpPrefix prefix(IpPrefix universe, int freeBits, Random random) {
        int length = universe.bits() - freeBits + 1 + random.nextInt(freeBits);
        return new IpPrefix(universe.at(BigInteger.valueOf(random.nextInt(1 << freeBits))), length).network();
    }

    private static Optional<IpPrefix> longest(List<IpPrefix> routes, InetAddress address) {
        return routes.stream().filter(route -> route.contains(address)).max(Comparator.comparingInt(IpPrefix::length));
    }
}
