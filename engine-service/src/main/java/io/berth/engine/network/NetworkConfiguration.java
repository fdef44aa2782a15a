package io.berth.engine.network;

import io.berth.engine.data.EngineProperties;
import io.berth.engine.network.dns.DnsServer;
import io.berth.linux.netlink.IpPrefix;
import io.berth.oci.Digest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the network feature is made of. */
@Configuration(proxyBeanMethods = false)
class NetworkConfiguration {
    private static final int ULA = 0xfd;
    private static final int ULA_LENGTH = 48;

    @Bean(destroyMethod = "close")
    static DnsServer dnsServer() {
        return new DnsServer();
    }

    @Bean
    static SubnetRules subnetRules(NetworkProperties properties, SubnetChoice choice) {
        List<IpPrefix> pools = properties.projectAddressPools().stream()
                .map(pool -> IpPrefix.parse(pool).network())
                .toList();
        return new SubnetRules(pools.isEmpty() ? choice.bases() : pools);
    }

    /** A prefix of this engine's own: the same each time, and hardly anybody else's (RFC 4193, 3.2). */
    @Bean
    static SubnetChoice subnetChoice(NetworkProperties properties, EngineProperties engine) {
        byte[] random = HexFormat.of()
                .parseHex(Digest.sha256((MachineId.text()
                                        + engine.dataDir().toAbsolutePath().normalize())
                                .getBytes(StandardCharsets.UTF_8))
                        .shortHex());
        byte[] bytes = new byte[16];
        bytes[0] = (byte) ULA;
        System.arraycopy(random, 0, bytes, 1, 5);
        try {
            return new SubnetChoice(
                    properties.defaultAddressPools(), new IpPrefix(InetAddress.getByAddress(bytes), ULA_LENGTH));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
