package io.berth.engine.network.kernel;

import io.berth.engine.data.EngineProperties;
import io.berth.engine.network.dns.DnsServer;
import io.berth.engine.network.runtime.NetworkRuntime;
import io.berth.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes networks by native kernel calls. */
@Configuration(proxyBeanMethods = false)
class KernelNetworkConfiguration {
    @Bean(destroyMethod = "close")
    FirewallOnDemand firewall(FirewallProperties properties) {
        return new FirewallOnDemand(properties.table());
    }

    @Bean(destroyMethod = "close")
    NetworkRuntime networkRuntime(EngineProperties engine, FirewallOnDemand firewall, DnsServer names) {
        return KernelNetworkRuntime.open(owner(engine.dataDir()), firewall, names::openHere);
    }

    /** Tells this engine's links from those of others: the same after a restart. */
    private static String owner(Path dataDirectory) {
        String path = dataDirectory.toAbsolutePath().normalize().toString();
        return Digest.sha256(path.getBytes(StandardCharsets.UTF_8)).shortHex();
    }
}
