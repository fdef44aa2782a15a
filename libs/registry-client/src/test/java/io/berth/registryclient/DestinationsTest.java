package io.berth.registryclient;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DestinationsTest {
    private static final Destinations PUBLIC = Destinations.publicAnd(List.of());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "localhost",
                "0.0.0.0",
                "10.1.2.3",
                "172.16.0.1",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "198.18.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "[::1]",
                "[::]",
                "[fe80::1]",
                "[fd00:ec2::254]",
                "[::ffff:10.0.0.1]",
                "[::10.0.0.1]",
                "[64:ff9b::a00:1]",
                "[2002:a00:1::]",
                "2130706433"
            })
    void refusesPrivateAddressesHoweverTheyAreSpelt(String host) {
        assertThatThrownBy(() -> PUBLIC.require(URI.create("https://" + host + "/v2/")))
                .isInstanceOf(RegistryException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.8", "172.32.0.1", "[2606:4700::1]", "[64:ff9b::808:808]"})
    void allowsPublicAddresses(String host) {
        assertThatCode(() -> PUBLIC.require(URI.create("https://" + host + "/v2/")))
                .doesNotThrowAnyException();
    }

    @Test
    void allowsConfiguredRangesAndNothingBeside() {
        Destinations some = Destinations.publicAnd(List.of("10.1.0.0/16", "fd00::/8"));
        assertThatCode(() -> some.require(URI.create("http://10.1.255.1:5000/")))
                .doesNotThrowAnyException();
        assertThatCode(() -> some.require(URI.create("http://[fd00::1]/"))).doesNotThrowAnyException();
        assertThatThrownBy(() -> some.require(URI.create("http://10.2.0.1/"))).isInstanceOf(RegistryException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0", "10.0.0.0/33", "example.com/8", "/8", "10.0.0.0/-1"})
    void refusesWhatIsNoRange(String range) {
        assertThatThrownBy(() -> Destinations.publicAnd(List.of(range))).isInstanceOf(IllegalArgumentException.class);
    }
}
