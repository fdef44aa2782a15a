package io.berth.outgoing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Public addresses that lead to this machine all the same: its own, on which its services listen as well, and those of containers
 * on its bridges. The kernel is asked for the route; nothing is sent.
 */
final class OwnAddresses {
    private static final Path INTERFACES = Path.of("/sys/class/net");
    private static final int DISCARD = 9;

    private OwnAddresses() {}

    /** Whether an address is one of them. */
    static boolean has(InetAddress address) {
        try (DatagramChannel channel = DatagramChannel.open()) {
            InetAddress source = ((InetSocketAddress) channel.connect(new InetSocketAddress(address, DISCARD))
                            .getLocalAddress())
                    .getAddress();
            return source.equals(address) || isOnBridge(address, source);
        } catch (IOException e) {
            return false; // there is no way there
        }
    }

    /** Whether an address is in the network of the bridge that packets to it leave from. */
    private static boolean isOnBridge(InetAddress address, InetAddress source) throws IOException {
        NetworkInterface link = NetworkInterface.getByInetAddress(source);
        if (link == null || !Files.exists(INTERFACES.resolve(link.getName()).resolve("bridge"))) {
            return false;
        }
        for (InterfaceAddress own : link.getInterfaceAddresses()) {
            String host = own.getAddress().getHostAddress();
            int scope = host.indexOf('%');
            String network = (scope < 0 ? host : host.substring(0, scope)) + "/" + own.getNetworkPrefixLength();
            if (Addresses.inRange(address, network)) {
                return true;
            }
        }
        return false;
    }
}
