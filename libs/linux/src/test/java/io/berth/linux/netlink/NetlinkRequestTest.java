package io.berth.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.fd.Fd;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Requests read back as the kernel reads them. */
@EnabledOnOs(OS.LINUX)
class NetlinkRequestTest {
    private static NetlinkMessage message(NetlinkRequest request) {
        return NetlinkMessage.parse(ByteBuffer.wrap(request.encode(7))).getFirst();
    }

    private static Attributes attributes(NetlinkRequest request, int headerSize) {
        return Attributes.parse(message(request).reader().position(headerSize));
    }

    @Test
    void aPairIsOneRequest() {
        Fd namespace = Fd.own(700, "a namespace"); // a number that is not open; it is only encoded
        NetlinkRequest request = NewLink.of(
                        "veth1a",
                        new LinkKind.Veth(NewLink.peer("eth0")
                                .withMac(MacAddress.parse("02:42:ac:11:00:02"))
                                .withMtu(1400)
                                .in(namespace)))
                .withMtu(1400)
                .withMaster(4)
                .up()
                .request();
        NetlinkMessage message = message(request);
        assertThat(message.type()).isEqualTo(16);
        assertThat(message.flags()).isEqualTo(0x1 | 0x4 | 0x200 | 0x400);
        Link host = Link.parse(message);
        assertThat(host.name()).isEqualTo("veth1a");
        assertThat(host.isUp()).isTrue();
        assertThat(host.kind()).isEqualTo("veth");
        assertThat(host.mtu()).isEqualTo(1400);
        assertThat(host.masterIndex()).isEqualTo(4);

        byte[] peer = attributes(request, 16)
                .nested(LinkRequests.IFLA_LINKINFO)
                .nested(LinkRequests.IFLA_INFO_DATA)
                .bytes(1);
        assertThat(peer).isNotNull();
        Link inside = Link.parse(new NetlinkMessage(16, 0, 0, 0, ByteBuffer.wrap(peer)));
        assertThat(inside.name()).isEqualTo("eth0");
        assertThat(inside.address()).isEqualTo("02:42:ac:11:00:02");
        assertThat(inside.isUp()).isFalse();
        assertThat(Attributes.parse(ByteBuffer.wrap(peer)
                                .order(java.nio.ByteOrder.nativeOrder())
                                .position(16))
                        .number(LinkRequests.IFLA_NET_NS_FD, 0))
                .isEqualTo(700);
        assertThat(request).hasToString("RTM_NEWLINK(new veth veth1a)");
    }

    @Test
    void kindsCarryWhatTheyNeed() {
        Attributes macvlan = attributes(
                NewLink.of("m", new LinkKind.Macvlan(3, LinkKind.MacvlanMode.BRIDGE))
                        .request(),
                16);
        assertThat(macvlan.number(LinkRequests.IFLA_LINK, 0)).isEqualTo(3);
        assertThat(macvlan.nested(18).nested(2).number(1, 0)).isEqualTo(4);
        Attributes ipvlan = attributes(
                NewLink.of("i", new LinkKind.Ipvlan(3, LinkKind.IpvlanMode.L3S, LinkKind.IpvlanReach.VEPA))
                        .request(),
                16);
        assertThat(HexFormat.of().formatHex(ipvlan.nested(18).nested(2).bytes(1)))
                .isEqualTo("0200");
        assertThat(HexFormat.of().formatHex(ipvlan.nested(18).nested(2).bytes(2)))
                .isEqualTo("0200");
        Attributes vlan =
                attributes(NewLink.of("eth0.10", new LinkKind.Vlan(2, 10)).request(), 16);
        assertThat(HexFormat.of().formatHex(vlan.nested(18).nested(2).bytes(1))).isEqualTo("0a00");
        assertThatThrownBy(() -> new LinkKind.Vlan(2, 4095)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LinkKind.Veth(NewLink.of("a", new LinkKind.Dummy())))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NewLink.of("a-name-too-long1", new LinkKind.Dummy()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LinkRequests.alias(1, "x".repeat(256))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void addresses() {
        assertThat(HexFormat.of()
                        .formatHex(AddressRequests.add(5, IpPrefix.parse("10.0.0.2/24"))
                                .encode(1)))
                .isEqualTo("30000000" + "1400" + "0506" + "01000000" + "00000000" // nlmsghdr
                        + "02180000" + "05000000" // ifaddrmsg
                        + "08000200" + "0a000002" // IFA_LOCAL
                        + "08000100" + "0a000002" // IFA_ADDRESS
                        + "08000400" + "0a0000ff"); // IFA_BROADCAST
        Attributes ipv6 = attributes(AddressRequests.add(5, IpPrefix.parse("fd00::2/64")), 8);
        assertThat(ipv6.number(AddressRequests.IFA_FLAGS, 0)).isEqualTo(AddressRequests.IFA_F_NODAD);
        assertThat(ipv6.bytes(AddressRequests.IFA_BROADCAST)).isNull();
        assertThat(attributes(AddressRequests.add(5, IpPrefix.parse("10.0.0.2/31")), 8)
                        .bytes(AddressRequests.IFA_BROADCAST))
                .isNull();
        LinkAddress read = LinkAddress.parse(message(AddressRequests.delete(5, IpPrefix.parse("fd00::2/64"))));
        assertThat(read).isEqualTo(new LinkAddress(5, IpPrefix.parse("fd00::2/64"), 0));
    }

    @Test
    void routesReadBack() {
        Route byGateway = Route.defaultBy(InetAddress.ofLiteral("10.0.0.1"), 5);
        assertThat(Route.parse(message(RouteRequests.add(byGateway)))).isEqualTo(byGateway);
        assertThat(message(RouteRequests.add(byGateway)).flags()).isEqualTo(0x605);
        assertThat(message(RouteRequests.replace(byGateway)).flags()).isEqualTo(0x505);
        Route onLink = Route.defaultOn(5, false);
        assertThat(Route.parse(message(RouteRequests.add(onLink)))).isEqualTo(onLink);
        Route local = Route.local(IpPrefix.parse("::1/128"), 5, 4096);
        assertThat(Route.parse(message(RouteRequests.add(local)))).isEqualTo(local);
        Route other = new Route(IpPrefix.parse("10.9.0.0/16"), null, 5, 1000, Route.Type.UNICAST, 3);
        assertThat(Route.parse(message(RouteRequests.add(other)))).isEqualTo(other);
        // struct rtmsg: family, length, 0, 0, table, RTPROT_BOOT, RT_SCOPE_LINK, RTN_UNICAST
        assertThat(HexFormat.of().formatHex(RouteRequests.add(other).encode(1), 16, 28))
                .isEqualTo("02100000" + "0003fd01" + "00000000");
        assertThat(HexFormat.of().formatHex(RouteRequests.delete(byGateway).encode(1), 16, 28))
                .isEqualTo("02000000" + "fe00ff01" + "00000000");
        assertThat(RouteRequests.add(byGateway)).hasToString("RTM_NEWROUTE(route default via 10.0.0.1 on link 5)");
    }

    @Test
    void aBatchKeepsMessagesAligned() {
        ByteBuffer batch = ByteBuffer.allocate(200).order(java.nio.ByteOrder.nativeOrder());
        LinkRequests.delete("abc").encode(batch, 1, false);
        LinkRequests.up(2).encode(batch, 2, true);
        var messages = NetlinkMessage.parse(batch.flip());
        assertThat(messages).extracting(NetlinkMessage::sequence).containsExactly(1, 2);
        assertThat(messages).extracting(NetlinkMessage::flags).containsExactly(1, 5);
    }
}
