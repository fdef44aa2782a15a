package io.berth.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MacAddressTest {
    @Test
    void parsesTheFormsThatDockerTakes() {
        assertThat(MacAddress.parse("02:42:AC:11:00:02")).hasToString("02:42:ac:11:00:02");
        assertThat(MacAddress.parse("02-42-ac-11-00-02").bytes())
                .containsExactly(0x02, 0x42, (byte) 0xac, 0x11, 0x00, 0x02);
        assertThat(MacAddress.parse("2:42:ac:11:0:2")).isEqualTo(MacAddress.parse("02:42:ac:11:00:02"));
    }

    @Test
    void refusesWhatIsNone() {
        for (String text :
                List.of("", "02:42:ac:11:00", "02:42:ac:11:00:02:03", "02:42:ac:11:00:0g", "024:2:ac:11:0:2")) {
            assertThatThrownBy(() -> MacAddress.parse(text)).as(text).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new MacAddress(1L << 48)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isMadeOfAnAddress() {
        assertThat(MacAddress.of(InetAddress.ofLiteral("172.17.0.2"))).hasToString("02:42:ac:11:00:02");
        assertThat(MacAddress.of(InetAddress.ofLiteral("255.0.0.1"))).hasToString("02:42:ff:00:00:01");
        assertThat(MacAddress.of(InetAddress.ofLiteral("fd00::1:ab00:2"))).hasToString("02:42:ab:00:00:02");
    }

    @Test
    void roundTrips() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            MacAddress address = new MacAddress(random.nextLong() >>> 16);
            assertThat(MacAddress.parse(address.toString())).as("seed %d", seed).isEqualTo(address);
            assertThat(address.bytes()).as("seed %d", seed).hasSize(6);
        }
    }
}
