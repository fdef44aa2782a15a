package io.berth.engine.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.network.NetworkProperties.Pool;
import io.berth.linux.netlink.IpPrefix;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SubnetChoiceTest {
    private static final IpPrefix OWN = IpPrefix.parse("fd12:3456:789a::/48");

    @Test
    void choosesAsDockerDoes() {
        SubnetChoice choice = new SubnetChoice(List.of(), OWN);
        assertThat(choice.first(true, List.of())).contains(IpPrefix.parse("172.17.0.0/16"));
        assertThat(choice.first(true, prefixes("172.17.0.0/16", "172.18.0.0/16")))
                .contains(IpPrefix.parse("172.19.0.0/16"));
        assertThat(choice.first(true, prefixes("172.16.0.0/12"))).contains(IpPrefix.parse("192.168.0.0/20"));
        assertThat(choice.first(true, prefixes("172.16.0.0/12", "192.168.0.0/24")))
                .contains(IpPrefix.parse("192.168.16.0/20"));
        assertThat(choice.first(true, prefixes("0.0.0.0/0"))).isEmpty();
    }

    @Test
    void choosesIpv6SubnetsOfTheHostsOwn() {
        SubnetChoice choice = new SubnetChoice(List.of(), OWN);
        assertThat(choice.first(false, List.of())).contains(IpPrefix.parse("fd12:3456:789a::/64"));
        assertThat(choice.first(false, prefixes("fd12:3456:789a::/64")))
                .contains(IpPrefix.parse("fd12:3456:789a:1::/64"));
    }

    @Test
    void choosesFromConfiguredPools() {
        SubnetChoice choice = new SubnetChoice(List.of(new Pool("10.0.0.0/8", 24), new Pool("fd00:1::/48", 64)), OWN);
        assertThat(choice.first(true, prefixes("10.0.0.0/24"))).contains(IpPrefix.parse("10.0.1.0/24"));
        assertThat(choice.first(false, List.of())).contains(IpPrefix.parse("fd00:1::/64"));
    }

    private static List<IpPrefix> prefixes(String... texts) {
        return Stream.of(texts).map(IpPrefix::parse).toList();
    }
}
