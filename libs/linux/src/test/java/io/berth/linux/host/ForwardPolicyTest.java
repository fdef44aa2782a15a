package io.berth.linux.host;

import static io.berth.linux.nftables.NetworkCommands.sh;
import static io.berth.linux.nftables.NetworkCommands.succeeds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.kernel.KernelTest;
import io.berth.linux.fd.Fd;
import io.berth.linux.launch.NativeTools;
import io.berth.linux.namespace.Namespace;
import io.berth.linux.namespace.Namespaces;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether a host that forwards nothing is found out, whatever its firewall was made with. */
@KernelTest
class ForwardPolicyTest {
    private Fd namespace;

    @BeforeEach
    void makeNamespace() {
        namespace = Namespaces.create(Namespace.NETWORK);
    }

    @AfterEach
    void dropNamespace() {
        namespace.close();
    }

    private List<String> dropping() {
        return Namespaces.callIn(namespace, Namespace.NETWORK, () -> HostProbe.droppingForwardChains(true));
    }

    @Test
    void nftablesChainsOfTheForwardHookCount() {
        assertThat(dropping()).isEmpty();
        sh(
                namespace,
                "nft add table inet t; nft add chain inet t in '{ type filter hook input priority 0; policy drop; }'");
        sh(namespace, "nft add chain inet t open '{ type filter hook forward priority 0; policy accept; }'");
        sh(namespace, "nft add chain inet t plain");
        assertThat(dropping()).isEmpty();
        sh(namespace, "nft add chain inet t shut '{ type filter hook forward priority 5; policy drop; }'");
        assertThat(dropping()).containsExactly("inet t shut");
        sh(namespace, "nft add chain inet t shut '{ policy accept; }'");
        assertThat(dropping()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"iptables", "ip6tables"})
    void soDoPoliciesOfLegacyIptables(String family) {
        String command = family + "-legacy";
        assumeTrue(
                succeeds(
                        namespace,
                        command + " -A FORWARD -s " + (family.equals("iptables") ? "127.0.0.9" : "::9") + " -j DROP"),
                command + " is not there");
        assertThat(dropping()).as("the policy accepts").isEmpty();
        sh(namespace, command + " -P FORWARD DROP");
        assertThat(dropping()).containsExactly(command + " FORWARD");
        sh(namespace, command + " -P INPUT DROP; " + command + " -P FORWARD ACCEPT");
        assertThat(dropping()).isEmpty();
    }

    @Test
    void structuresAreThoseOfTheKernel(@TempDir Path directory) throws Exception {
        NativeTools.compareWithC(
                directory,
                List.of("<net/if.h>", "<linux/netfilter_ipv4/ip_tables.h>", "<linux/netfilter_ipv6/ip6_tables.h>"),
                Map.of(
                        "sizeof(struct ipt_getinfo)", (long) LegacyFilter.INFO_SIZE,
                        "offsetof(struct ipt_getinfo, underflow)", (long) LegacyFilter.INFO_UNDERFLOW,
                        "offsetof(struct ipt_getinfo, size)", (long) LegacyFilter.INFO_TABLE_SIZE,
                        "sizeof(struct ip6t_getinfo)", (long) LegacyFilter.INFO_SIZE,
                        "offsetof(struct ipt_get_entries, size)", (long) LegacyFilter.ENTRIES_SIZE,
                        "offsetof(struct ipt_get_entries, entrytable)", (long) LegacyFilter.ENTRIES_TABLE,
                        "offsetof(struct ip6t_get_entries, entrytable)", (long) LegacyFilter.ENTRIES_TABLE,
                        "offsetof(struct ipt_entry, target_offset)", (long) LegacyFilter.IPV4.targetOffset(),
                        "offsetof(struct ip6t_entry, target_offset)", (long) LegacyFilter.IPV6.targetOffset(),
                        "offsetof(struct xt_standard_target, verdict)", (long) LegacyFilter.TARGET_VERDICT));
    }
}
