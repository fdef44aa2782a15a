package io.berth.outgoing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
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
                "2130706433",
                "127.9.9.9",
                "172.31.255.255",
                "0.1.2.3",
                "fc00::1",
                "fd12::1",
                "2002:0a00:0001::1",
                "64:ff9b::10.0.0.1",
                "64:ff9b:1::1",
                "127.1",
                "0",
                "localhost.",
                "LOCALHOST",
                "[::ffff:127.0.0.1]",
                "[::ffff:0:127.0.0.1]",
                "[0:0:0:0:0:ffff:7f00:1]",
                "[64:ff9b::7f00:1]",
                "[64:ff9b:1::7f00:1]",
                "[2002:7f00:1::]",
                "[2001:0:7f00:1::]",
                "[2606:4700::5efe:7f00:1]",
                "[2606:4700::200:5efe:10.0.0.1]",
                "[fe80::1%lo]",
                "[fec0::1]",
                "[ff02::1]",
                "[5f00::1]",
                "192.88.99.1",
                "168.63.129.16",
                "192.0.0.192",
                "100.100.100.200",
                "fd00:ec2::254",
                "::1"
            })
    void refusesPrivateAddressesHoweverTheyAreSpelt(String host) {
        assertThatThrownBy(() -> PUBLIC.resolve(host, 443)).isInstanceOf(DestinationRefused.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8.8.8.8",
                "172.32.0.1",
                "100.128.0.1",
                "192.169.0.1",
                "2001:4860::8888",
                "2002:0808:0808::1",
                "64:ff9b::8.8.8.8",
                "[2606:4700::1]",
                "[64:ff9b::808:808]",
                "[2606:4700::5efe:808:808]"
            })
    void allowsPublicAddresses(String host) {
        assertThatCode(() -> PUBLIC.resolve(host, 443)).doesNotThrowAnyException();
    }

    @Test
    void allowsConfiguredRangesAndNothingBeside() {
        Destinations some = Destinations.publicAnd(List.of("10.1.0.0/16", "fd00::/8"));
        assertThatCode(() -> some.resolve("10.1.255.1", 5000)).doesNotThrowAnyException();
        assertThatCode(() -> some.resolve("[fd00::1]", 80)).doesNotThrowAnyException();
        assertThatThrownBy(() -> some.resolve("10.2.0.1", 5000)).isInstanceOf(DestinationRefused.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0", "10.0.0.0/33", "example.com/8", "/8", "10.0.0.0/-1"})
    void refusesWhatIsNoRange(String range) {
        assertThatThrownBy(() -> Destinations.publicAnd(List.of(range))).isInstanceOf(IllegalArgumentException.class);
    }

    /** A name server's answers, one after the other. */
    private static Destinations.Names answering(String... answers) {
        AtomicInteger asked = new AtomicInteger();
        return _ -> List.of(InetAddress.ofLiteral(answers[Math.min(asked.getAndIncrement(), answers.length - 1)]));
    }

    @Test
    void whatANameMeansIsWhatIsConnectedTo() throws IOException {
        Destinations rebinding = PUBLIC.by(answering("8.8.8.8", "127.0.0.1"));
        assertThat(rebinding.resolve("a.example", 80)).containsExactly(InetAddress.ofLiteral("8.8.8.8"));
        assertThatThrownBy(() -> rebinding.resolve("a.example", 80)).isInstanceOf(DestinationRefused.class);
    }

    /** As the JDK reads them, decimal, or not at all; what it reads is what is connected to. */
    @Test
    void octalAndHexadecimalAreNoOtherWayToWriteThisMachine() throws IOException {
        assertThat(PUBLIC.resolve("0177.0.0.1", 80)).containsExactly(InetAddress.ofLiteral("177.0.0.1"));
        for (String host : new String[] {"0x7f.0.0.1", "0x7f000001", "017700000001"}) {
            assertThatThrownBy(() -> PUBLIC.resolve(host, 80)).as(host).isInstanceOf(DestinationRefused.class);
        }
    }

    @Test
    void refusesANameOneOfWhoseAddressesIsPrivate() {
        Destinations mixed =
                PUBLIC.by(_ -> List.of(InetAddress.ofLiteral("8.8.8.8"), InetAddress.ofLiteral("10.0.0.1")));
        assertThatThrownBy(() -> mixed.resolve("a.example", 80)).isInstanceOf(DestinationRefused.class);
    }

    /** Who asks is not told which names there are inside. */
    @Test
    void aNameThatDoesNotExistIsRefusedAsOneOfAPrivateAddress() {
        Destinations.Names inside = host -> {
            if (host.equals("exists.corp")) {
                return List.of(InetAddress.ofLiteral("10.0.0.1"));
            }
            throw new UnknownHostException(host);
        };
        assertThatThrownBy(() -> PUBLIC.by(inside).resolve("exists.corp", 80))
                .hasMessage("refusing to connect to exists.corp: there is no such host, or it has a private address,"
                        + " which is not allowed");
        assertThatThrownBy(() -> PUBLIC.by(inside).resolve("not.corp", 80))
                .hasMessage("refusing to connect to not.corp: there is no such host, or it has a private address,"
                        + " which is not allowed");
        assertThatThrownBy(() -> Destinations.ANY.by(inside).resolve("not.corp", 80))
                .isInstanceOf(UnknownHostException.class);
    }

    @Test
    void allowsHostsThatAreNamedWithTheirPorts() throws IOException {
        Destinations some = PUBLIC.by(answering("10.0.0.1"))
                .and(List.of("Registry.Corp:5000", "git.corp", "[fd00::5]:80", "172.16.0.0/12"));
        assertThat(some.resolve("registry.corp", 5000)).hasSize(1);
        assertThat(some.resolve("git.corp.", 1)).hasSize(1);
        assertThatThrownBy(() -> some.resolve("registry.corp", 5001)).isInstanceOf(DestinationRefused.class);
        assertThatThrownBy(() -> some.resolve("other.corp", 5000)).isInstanceOf(DestinationRefused.class);
        assertThat(PUBLIC.and(List.of("[fd00::5]:80")).resolve("[fd00::5]", 80)).hasSize(1);
        assertThatThrownBy(() -> PUBLIC.and(List.of("[fd00::5]:80")).resolve("[fd00::5]", 81))
                .isInstanceOf(DestinationRefused.class);
        for (String wrong : new String[] {"", " ", "a b", "10.0.0.0/33", "http://x/", "user@host"}) {
            assertThatThrownBy(() -> PUBLIC.and(List.of(wrong))).as(wrong).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void whatIsElsewhereDoesNotLeadHere() throws IOException {
        Destinations elsewhere = Destinations.ANY.butLocal();
        assertThatThrownBy(() -> elsewhere.resolve("localhost", 80)).isInstanceOf(DestinationRefused.class);
        assertThatThrownBy(() -> elsewhere.resolve("169.254.169.254", 80)).isInstanceOf(DestinationRefused.class);
        assertThat(elsewhere.resolve("10.0.0.1", 80)).hasSize(1);
    }

    @Test
    void knowsThisMachinesOwnAddressesWhateverTheyAre() {
        assertThat(OwnAddresses.has(InetAddress.ofLiteral("127.0.0.1"))).isTrue();
        assertThat(OwnAddresses.has(InetAddress.ofLiteral("192.0.2.1"))).isFalse();
    }

    @Test
    void someRangesAreNeverAllowed() {
        Destinations never = PUBLIC.without(List.of("192.0.0.0/16"));
        assertThatThrownBy(() -> never.resolve("192.0.9.9", 80)).isInstanceOf(DestinationRefused.class);
    }
}
