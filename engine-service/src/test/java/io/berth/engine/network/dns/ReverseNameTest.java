package io.berth.engine.network.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReverseNameTest {
    private static final String IPV6 = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";

    @Test
    void namesAnAddress() {
        assertThat(ReverseName.address("2.0.20.172.in-addr.arpa")).isEqualTo(InetAddress.ofLiteral("172.20.0.2"));
        assertThat(ReverseName.address(IPV6)).isEqualTo(InetAddress.ofLiteral("2001:db8::1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "20.172.in-addr.arpa",
                "2.0.20.256.in-addr.arpa",
                "02.0.20.172.in-addr.arpa",
                "1.2.0.20.172.in-addr.arpa",
                "-1.0.20.172.in-addr.arpa",
                ".0.20.172.in-addr.arpa",
                "in-addr.arpa",
                "1.0.ip6.arpa",
                "g.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
                "1x0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
                "web"
            })
    void otherNamesDoNot(String name) {
        assertThat(ReverseName.address(name)).isNull();
    }
}
