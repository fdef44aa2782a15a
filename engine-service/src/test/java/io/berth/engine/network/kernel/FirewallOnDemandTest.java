package io.berth.engine.network.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.kernel.KernelTest;
import io.berth.linux.fd.Fd;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import io.berth.linux.nftables.NftSocket;
import io.berth.linux.nftables.NftTable;
import java.util.List;
import org.junit.jupiter.api.Test;

@KernelTest
class FirewallOnDemandTest {
    @Test
    void touchesNothingUntilThereIsSomethingToGuard() {
        try (Fd host = Namespaces.create(Namespace.NETWORK)) {
            Namespaces.callIn(host, Namespace.NETWORK, () -> {
                try (FirewallOnDemand firewall = new FirewallOnDemand("berth")) {
                    firewall.replace(List.of(), List.of());
                    firewall.remove(List.of());
                    assertThat(tables()).isEmpty();
                    firewall.add(List.of());
                    firewall.replace(List.of(), List.of());
                    assertThat(tables()).contains("berth", "berth-admin");
                }
                try (FirewallOnDemand next = new FirewallOnDemand("berth")) {
                    next.replace(List.of(), List.of());
                    assertThat(tables()).as("those from before are replaced").contains("berth");
                }
                return true;
            });
        }
    }

    private static List<String> tables() {
        try (NftSocket nftables = NftSocket.open()) {
            return nftables.tables().stream().map(NftTable::name).toList();
        }
    }
}
