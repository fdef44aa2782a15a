package io.berth.engine.network.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.EndpointPlan;
import io.berth.engine.network.runtime.EndpointPlan.LinkedPort;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.engine.network.runtime.NetworkPlan.Driver;
import io.berth.engine.network.runtime.NetworkPlan.GatewayMode;
import io.berth.engine.network.runtime.PortRule;
import io.berth.linux.abi.SyscallNumber;
import io.berth.linux.fd.Fd;
import io.berth.linux.jna.LibC;
import io.berth.linux.jna.NativeBuffer;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import io.berth.linux.netlink.IpPrefix;
import io.berth.linux.netlink.MacAddress;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * A host with bridges and containers, and a neighbour that is connected to it: all of them network namespaces that go with this
 * object. The host is 10.9.0.1 and fd09::1, the neighbour .2 and ::2, which routes to containers through the host.
 */
final class FirewallLab implements AutoCloseable {
    static final String HOST = "10.9.0.1";
    static final String HOST6 = "fd09::1";
    static final String OUTSIDE = "10.9.0.2";
    static final String OUTSIDE6 = "fd09::2";

    /** What a client says when it got no answer. */
    static final String NOTHING = "nothing";

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_RAW = 3;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_MULTICAST_HOPS = 18;
    private static final int PATIENCE_MILLIS = 500;

    final Fd host = Namespaces.create(Namespace.NETWORK);
    final Fd outside = Namespaces.create(Namespace.NETWORK);
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private int links;

    FirewallLab() {
        quickenIpv6(host);
        quickenIpv6(outside);
        sh(
                host,
                "ip link set lo up; ip link add ext0 type veth peer name out0 netns " + path(outside)
                        + "; ip addr add " + HOST + "/24 dev ext0; ip addr add " + HOST6 + "/64 dev ext0 nodad"
                        + "; ip link set ext0 up; echo 1 > /proc/sys/net/ipv4/ip_forward"
                        + "; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
        sh(
                outside,
                "ip link set lo up; ip addr add " + OUTSIDE + "/24 dev out0; ip addr add " + OUTSIDE6
                        + "/64 dev out0 nodad; ip link set out0 up; ip route add default via " + HOST
                        + "; ip -6 route add default via " + HOST6);
    }

    /** Addresses count from the moment they are given, also those of links. */
    private static void quickenIpv6(Fd namespace) {
        sh(namespace, "cd /proc/sys/net/ipv6/conf; echo 0 > default/accept_dad; echo 0 > default/dad_transmits");
    }

    /** Whether bridges pass frames through netfilter. */
    void passFramesThroughNetfilter(boolean pass) {
        int value = pass ? 1 : 0;
        sh(
                host,
                "cd /proc/sys/net/bridge; echo " + value + " > bridge-nf-call-iptables; echo " + value
                        + " > bridge-nf-call-ip6tables");
    }

    private static String path(Fd namespace) {
        return "/proc/" + ProcessHandle.current().pid() + "/fd/" + namespace.value();
    }

    static String sh(Fd namespace, String command) {
        return Namespaces.callIn(namespace, Namespace.NETWORK, () -> {
            Process process = new ProcessBuilder("timeout", "20", "sh", "-ec", command)
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
            return output;
        });
    }

    /** The kernel takes up to a second to tell IPv6 that a link has a carrier. */
    void settle() {
        String wait = "while ip -br link | grep -qv ' UP \\|UNKNOWN' || [ -n \"$(ip -6 addr show tentative)\" ];"
                + " do sleep 0.02; done";
        sh(host, wait);
        sh(outside, wait);
        for (AutoCloseable each : open) {
            if (each instanceof Fd namespace) {
                sh(namespace, wait);
            }
        }
    }

    /** A network 172.30.N.0/24 and fd30:N::/64 of bridge {@code brN}, which is made. */
    NetworkPlan network(int number) {
        NetworkPlan plan = new NetworkPlan(
                String.format("%d%063d", number, 0),
                Driver.BRIDGE,
                "br" + number,
                "",
                0,
                List.of(IpPrefix.parse("172.30." + number + ".0/24"), IpPrefix.parse("fd30:" + number + "::/64")),
                List.of(IpPrefix.parse("172.30." + number + ".1/24"), IpPrefix.parse("fd30:" + number + "::1/64")),
                false,
                true,
                true,
                GatewayMode.NAT,
                GatewayMode.NAT,
                List.of());
        sh(
                host,
                "ip link add " + plan.link() + " type bridge; ip addr add "
                        + plan.gateways().get(0) + " dev "
                        + plan.link() + "; ip addr add " + plan.gateways().get(1) + " dev " + plan.link()
                        + " nodad; ip link set " + plan.link() + " up; echo 1 > /proc/sys/net/ipv4/conf/" + plan.link()
                        + "/route_localnet; ip -6 route add local ::1 dev " + plan.link() + " table local metric "
                        + (4096 + number));
        return plan;
    }

    static NetworkPlan internal(NetworkPlan n) {
        return with(n, true, n.interContainer(), n.ipv4Mode());
    }

    static NetworkPlan separated(NetworkPlan n) {
        return with(n, n.internal(), false, n.ipv4Mode());
    }

    static NetworkPlan mode(NetworkPlan n, GatewayMode mode) {
        return with(n, n.internal(), n.interContainer(), mode);
    }

    private static NetworkPlan with(NetworkPlan n, boolean internal, boolean interContainer, GatewayMode mode) {
        return new NetworkPlan(
                n.id(),
                n.driver(),
                n.link(),
                n.mode(),
                n.mtu(),
                n.subnets(),
                n.gateways(),
                internal,
                interContainer,
                n.masquerade(),
                mode,
                mode,
                n.sourceAddresses());
    }

    /** A container: a namespace with {@code eth0}, and what the engine knows of it. */
    record Container(Fd namespace, Attachment attachment) {
        String ip() {
            return attachment.endpoint().addresses().get(0).address().getHostAddress();
        }

        String ip6() {
            return IpPrefix.text(attachment.endpoint().addresses().get(1).address());
        }

        Container publishing(PortRule... ports) {
            return with(List.of(ports), attachment.endpoint().links());
        }

        Container linkedTo(Container other, int port) {
            return with(
                    attachment.endpoint().ports(),
                    List.of(
                            new LinkedPort(PortRule.Protocol.TCP, InetAddress.ofLiteral(other.ip()), port),
                            new LinkedPort(PortRule.Protocol.TCP, InetAddress.ofLiteral(other.ip6()), port)));
        }

        private Container with(List<PortRule> ports, List<LinkedPort> linked) {
            EndpointPlan plan = attachment.endpoint();
            return new Container(
                    namespace,
                    new Attachment(
                            new EndpointPlan(
                                    plan.id(),
                                    plan.network(),
                                    plan.interfaceName(),
                                    plan.mac(),
                                    plan.addresses(),
                                    plan.defaultGateways(),
                                    ports,
                                    linked,
                                    plan.sysctls()),
                            attachment.hostInterface(),
                            attachment.mac()));
        }

        /** A port of the host, at an address or the wildcard, that leads to one of this container's. */
        PortRule port(PortRule.Protocol protocol, String hostAddress, int hostPort, int containerPort) {
            InetAddress address = InetAddress.ofLiteral(hostAddress);
            return new PortRule(
                    protocol,
                    address,
                    hostPort,
                    InetAddress.ofLiteral(address instanceof Inet4Address ? ip() : ip6()),
                    containerPort);
        }

        PortRule tcp(String hostAddress, int hostPort) {
            return port(PortRule.Protocol.TCP, hostAddress, hostPort, 80);
        }
    }

    Container container(NetworkPlan network) {
        int number = ++links + 1;
        Fd namespace = Namespaces.create(Namespace.NETWORK);
        open.push(namespace);
        quickenIpv6(namespace);
        String prefix = network.link().substring(2);
        Inet4Address ip = (Inet4Address) InetAddress.ofLiteral("172.30." + prefix + "." + number);
        String ip6 = "fd30:" + prefix + "::" + Integer.toHexString(number);
        MacAddress mac = MacAddress.of(ip);
        String link = "veth" + number;
        sh(
                host,
                "ip link add " + link + " type veth peer name eth0 address " + mac + " netns " + path(namespace)
                        + "; ip link set " + link + " master " + network.link() + " up; bridge link set dev " + link
                        + " hairpin on");
        sh(
                namespace,
                "ip link set lo up; ip addr add " + ip.getHostAddress() + "/24 dev eth0; ip addr add " + ip6
                        + "/64 dev eth0 nodad; ip link set eth0 up; ip route add default via 172.30." + prefix
                        + ".1; ip -6 route add default via fd30:" + prefix + "::1");
        return new Container(
                namespace,
                new Attachment(
                        new EndpointPlan(
                                String.format("%03d%061d", number, 0),
                                network,
                                "eth0",
                                mac,
                                List.of(new IpPrefix(ip, 24), new IpPrefix(InetAddress.ofLiteral(ip6), 64)),
                                List.of(),
                                List.of(),
                                List.of(),
                                Map.of()),
                        link,
                        mac));
    }

    /** Answers each connection, of both families, with the client's address. */
    void serveTcp(Fd namespace, int port) {
        ServerSocket server = Namespaces.callIn(namespace, Namespace.NETWORK, () -> new ServerSocket(port));
        open.push(server);
        Thread.ofPlatform().daemon().start(() -> {
            while (true) {
                try (Socket client = server.accept()) {
                    client.getOutputStream()
                            .write(IpPrefix.text(client.getInetAddress()).getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    /** Answers each datagram with a name and the client's address. */
    AutoCloseable serveUdp(Fd namespace, int port, String name) {
        DatagramSocket server = Namespaces.callIn(namespace, Namespace.NETWORK, () -> new DatagramSocket(port));
        open.push(server);
        Thread.ofPlatform().daemon().start(() -> {
            while (true) {
                try {
                    DatagramPacket packet = new DatagramPacket(new byte[100], 100);
                    server.receive(packet);
                    byte[] answer =
                            (name + " " + IpPrefix.text(packet.getAddress())).getBytes(StandardCharsets.US_ASCII);
                    server.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                } catch (IOException e) {
                    return;
                }
            }
        });
        return server;
    }

    /** What a server said, or {@link #NOTHING}. */
    static String tcp(Fd namespace, String address, int port) {
        return Namespaces.callIn(namespace, Namespace.NETWORK, () -> {
            try (Socket socket = new Socket()) {
                socket.setSoTimeout(PATIENCE_MILLIS);
                socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), PATIENCE_MILLIS);
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            } catch (IOException e) {
                return NOTHING;
            }
        });
    }

    /** A client that stays: all its datagrams are one flow. */
    DatagramSocket udpClient(Fd namespace) {
        DatagramSocket socket = Namespaces.callIn(namespace, Namespace.NETWORK, () -> {
            DatagramSocket made = new DatagramSocket();
            made.setSoTimeout(PATIENCE_MILLIS);
            return made;
        });
        open.push(socket);
        return socket;
    }

    static String ask(DatagramSocket client, String address, int port) throws IOException {
        client.send(new DatagramPacket(new byte[] {'?'}, 1, InetAddress.ofLiteral(address), port));
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        try {
            client.receive(answer);
        } catch (SocketTimeoutException e) {
            return NOTHING;
        }
        return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII);
    }

    /**
     * Sends a packet of some protocol.
     *
     * @param link that a multicast address is one of
     * @param payload what follows the IP header
     */
    static void sendRaw(Fd namespace, String link, int protocol, InetAddress to, byte[] payload) {
        int index = Integer.parseInt(
                sh(namespace, "ip -o link show " + link + " | cut -d: -f1").trim());
        boolean ipv4 = to instanceof Inet4Address;
        ByteBuffer address = ByteBuffer.allocate(ipv4 ? 16 : 28).order(ByteOrder.nativeOrder());
        address.putShort((short) (ipv4 ? AF_INET : AF_INET6));
        if (ipv4) {
            address.put(4, to.getAddress());
        } else {
            address.put(8, to.getAddress()).putInt(24, index);
        }
        Namespaces.callIn(namespace, Namespace.NETWORK, () -> {
            long socket = LibC.call(SyscallNumber.SOCKET, "raw", ipv4 ? AF_INET : AF_INET6, SOCK_RAW, protocol);
            try (NativeBuffer buffer = NativeBuffer.acquire()) {
                if (!ipv4) {
                    int hops = buffer.reserve(4); // 255 shows that it comes from this link
                    buffer.bytes().putInt(hops, 255);
                    long value = buffer.address() + hops;
                    LibC.call(SyscallNumber.SETSOCKOPT, "raw", socket, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, value, 4);
                }
                long data = buffer.add(payload);
                long name = buffer.add(address.array());
                return LibC.call(
                        SyscallNumber.SENDTO, "raw", socket, data, payload.length, 0, name, address.capacity());
            } finally {
                LibC.call(SyscallNumber.CLOSE, "raw", socket);
            }
        });
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                throw new AssertionError("cannot close", e);
            }
        }
        outside.close();
        host.close();
    }
}
