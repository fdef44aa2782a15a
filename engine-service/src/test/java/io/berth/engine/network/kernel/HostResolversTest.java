package io.berth.engine.network.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.network.runtime.HostUse;
import io.berth.linux.netlink.IpPrefix;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostResolversTest {
    @ParameterizedTest
    @CsvSource({
        "nameserver 192.168.1.1, 192.168.1.1/32",
        "'  nameserver\tfd00::53 ', fd00::53/128",
        "nameserver fe80::1%eth0, fe80::1/128",
        "nameserver router.lan,",
        "nameserver,",
        "nameservers 1.1.1.1,",
        "# nameserver 1.1.1.1,",
        "search lan,"
    })
    void readsNameServers(String line, String address) {
        assertThat(HostResolvers.of(line).map(HostUse::prefix))
                .isEqualTo(java.util.Optional.ofNullable(address).map(IpPrefix::parse));
    }
}
