package io.berth.engine.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.netlink.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AddressPoolTest {
    @Test
    void givesTheLowestFreeAddress() {
        AddressPool pool = pool("10.0.0.0/29", "10.0.0.0/29");
        assertThat(List.of(any(pool), any(pool), any(pool)))
                .containsExactly("10.0.0.1/29", "10.0.0.2/29", "10.0.0.3/29");
        pool.release(InetAddress.ofLiteral("10.0.0.2"));
        assertThat(any(pool)).isEqualTo("10.0.0.2/29");
    }

    @Test
    void neverGivesTheSubnetsOwnAddresses() {
        AddressPool pool = pool("10.0.0.0/30", "10.0.0.0/30");
        assertThat(List.of(any(pool), any(pool))).containsExactly("10.0.0.1/30", "10.0.0.2/30");
        assertThat(pool.takeAny()).isEmpty();
        assertThat(pool.take(InetAddress.ofLiteral("10.0.0.0"))).isFalse();
        assertThat(pool.take(InetAddress.ofLiteral("10.0.0.3"))).isFalse();
        assertThat(pool.available()).isZero();
    }

    @Test
    void hasNoOwnAddressesInASubnetOfTwo() {
        AddressPool pool = pool("10.0.0.0/31", "10.0.0.0/31");
        assertThat(List.of(any(pool), any(pool))).containsExactly("10.0.0.0/31", "10.0.0.1/31");
    }

    @Test
    void givesFromTheRangeAndTakesFromTheSubnet() {
        AddressPool pool = pool("10.0.0.0/24", "10.0.0.128/25");
        assertThat(any(pool)).isEqualTo("10.0.0.128/24");
        assertThat(pool.take(InetAddress.ofLiteral("10.0.0.9"))).isTrue();
        assertThat(pool.take(InetAddress.ofLiteral("10.0.0.9"))).isFalse();
        assertThat(pool.take(InetAddress.ofLiteral("10.0.1.9"))).isFalse();
        assertThat(pool.takenCount()).isEqualTo(4);
        // The broadcast address is one of the range.
        assertThat(pool.available()).isEqualTo(126);
    }

    @Test
    void keepsAddressesOfAnyDistance() {
        AddressPool pool = pool("fd00::/64", "fd00::/64");
        assertThat(any(pool)).isEqualTo("fd00::1/64");
        InetAddress far = InetAddress.ofLiteral("fd00::ffff:ffff:ffff:fffe");
        assertThat(pool.take(far)).isTrue();
        assertThat(pool.take(far)).isFalse();
        pool.release(far);
        assertThat(pool.take(far)).isTrue();
        assertThat(pool.available()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void givesFromARangeFarFromTheSubnetsStart() {
        AddressPool pool = pool("fd00::/64", "fd00::1:0:0:0/112");
        assertThat(List.of(any(pool), any(pool))).containsExactly("fd00::1:0:0:0/64", "fd00::1:0:0:1/64");
        assertThat(pool.available()).isEqualTo(65534);
    }

    @Test
    void givesEachAddressOnceToMany() {
        AddressPool pool = pool("10.0.0.0/22", "10.0.0.0/22");
        Set<String> given = ConcurrentHashMap.newKeySet();
        long fresh = IntStream.range(0, 1022)
                .parallel()
                .filter(_ -> given.add(any(pool)))
                .count();
        assertThat(fresh).isEqualTo(1022);
        assertThat(pool.takeAny()).isEmpty();
    }

    private static AddressPool pool(String subnet, String range) {
        return new AddressPool(IpPrefix.parse(subnet), IpPrefix.parse(range));
    }

    private static String any(AddressPool pool) {
        Optional<IpPrefix> address = pool.takeAny();
        return address.map(IpPrefix::toString).orElse("none");
    }
}
