package io.berth.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IpPrefixTest {
    private static InetAddress ip(String text) {
        return InetAddress.ofLiteral(text);
    }

    @Test
    void parsesAndKeepsTheAddressAsItIs() {
        IpPrefix prefix = IpPrefix.parse("10.1.2.3/20");
        assertThat(prefix.address()).isEqualTo(ip("10.1.2.3"));
        assertThat(prefix.length()).isEqualTo(20);
        assertThat(prefix.isIpv4()).isTrue();
        assertThat(prefix).hasToString("10.1.2.3/20");
        assertThat(prefix.network()).hasToString("10.1.0.0/20");
        assertThat(prefix.first()).isEqualTo(ip("10.1.0.0"));
        assertThat(prefix.last()).isEqualTo(ip("10.1.15.255"));
        assertThat(prefix.size()).isEqualTo(4096);
    }

    @Test
    void refusesWhatIsNoPrefix() {
        for (String text : List.of(
                "",
                "/",
                "10.0.0.0",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/08",
                "10.0.0.0/8 ",
                "10.0.0/8/8",
                "localhost/8",
                "::/129",
                "fe80::1%lo/64x")) {
            assertThatThrownBy(() -> IpPrefix.parse(text)).as(text).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void ipv6TextIsTheShortFormOfRfc5952() {
        assertThat(IpPrefix.text(ip("2001:DB8:0:0:1:0:0:1"))).isEqualTo("2001:db8::1:0:0:1");
        assertThat(IpPrefix.text(ip("2001:db8:0:1:1:1:1:1"))).isEqualTo("2001:db8:0:1:1:1:1:1");
        assertThat(IpPrefix.text(ip("2001:0:0:1:0:0:0:1"))).isEqualTo("2001:0:0:1::1");
        assertThat(IpPrefix.text(ip("::"))).isEqualTo("::");
        assertThat(IpPrefix.text(ip("::1"))).isEqualTo("::1");
        assertThat(IpPrefix.text(ip("1::"))).isEqualTo("1::");
        assertThat(IpPrefix.text(ip("192.0.2.7"))).isEqualTo("192.0.2.7");
    }

    @Test
    void containsAndOverlapsLookAtTheFamilyToo() {
        IpPrefix subnet = IpPrefix.parse("172.17.0.0/16");
        assertThat(subnet.contains(ip("172.17.255.255"))).isTrue();
        assertThat(subnet.contains(ip("172.18.0.0"))).isFalse();
        assertThat(subnet.contains(ip("::"))).isFalse();
        assertThat(subnet.overlaps(IpPrefix.parse("172.17.4.0/24"))).isTrue();
        assertThat(IpPrefix.parse("172.17.4.0/24").overlaps(subnet)).isTrue();
        assertThat(subnet.overlaps(IpPrefix.parse("172.16.0.0/16"))).isFalse();
        assertThat(IpPrefix.parse("0.0.0.0/0").overlaps(IpPrefix.parse("::/0"))).isFalse();
    }

    @Test
    void addressesOfASubnetAreCounted() {
        IpPrefix subnet = IpPrefix.parse("10.0.0.77/30");
        assertThat(subnet.at(BigInteger.TWO)).isEqualTo(ip("10.0.0.78"));
        assertThat(subnet.offsetOf(ip("10.0.0.78"))).isEqualTo(2);
        assertThatThrownBy(() -> subnet.at(BigInteger.valueOf(4))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> subnet.at(BigInteger.ONE.negate())).isInstanceOf(IllegalArgumentException.class);
        IpPrefix all = IpPrefix.parse("::/0");
        assertThat(all.at(all.size().subtract(BigInteger.ONE))).isEqualTo(all.last());
        assertThat(IpPrefix.of(ip("fe80::1"))).hasToString("fe80::1/128");
    }

    @Test
    void roundTrips() throws UnknownHostException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
            random.nextBytes(bytes);
            for (int zeros = random.nextInt(bytes.length + 1); zeros > 0; zeros--) {
                bytes[random.nextInt(bytes.length)] = 0; // so that there is something to shorten
            }
            int length = random.nextInt(bytes.length * 8 + 1);
            InetAddress address = InetAddress.getByAddress(bytes);
            if (address.getAddress().length != bytes.length) {
                continue; // Java takes an IPv4 address mapped into IPv6 for an IPv4 address
            }
            IpPrefix prefix = new IpPrefix(address, length);
            if (prefix.last().getAddress().length != bytes.length) {
                continue; // the same, of ::/80 and what is around it
            }
            assertThat(IpPrefix.parse(prefix.toString())).as("seed %d", seed).isEqualTo(prefix);
            assertThat(prefix.contains(address)).as("seed %d: %s", seed, prefix).isTrue();
            assertThat(prefix.at(prefix.offsetOf(address)))
                    .as("seed %d: %s", seed, prefix)
                    .isEqualTo(address);
            assertThat(prefix.offsetOf(prefix.last()).add(BigInteger.ONE))
                    .as("seed %d: %s", seed, prefix)
                    .isEqualTo(prefix.size());
            assertThat(prefix.network().first()).as("seed %d", seed).isEqualTo(prefix.first());
        }
    }
}
