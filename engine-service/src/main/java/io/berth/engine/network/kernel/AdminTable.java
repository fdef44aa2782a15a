package io.berth.engine.network.kernel;

import io.berth.linux.nftables.BaseChain;
import io.berth.linux.nftables.BaseChain.Hook;
import io.berth.linux.nftables.NftBatch;
import io.berth.linux.nftables.NftSocket;
import io.berth.linux.nftables.NftTable;
import java.util.Set;

/**
 * The table for rules of the host's administrator, which Docker's chain DOCKER-USER is for: made when it is missing, empty, and
 * never touched again. Its chain {@code forward} sees what is forwarded to and from containers before Berth's own does. A
 * {@code drop} there is final, an {@code accept} leaves Berth's rules to decide. Published ports have been translated by then: an
 * administrator finds the port that was asked for with {@code ct original proto-dst}. For example
 *
 * <pre>nft add rule inet berth-admin forward ct original proto-dst 8080 ip saddr != 192.0.2.0/24 drop</pre>
 */
final class AdminTable {
    /** Just before Berth's own. */
    private static final int PRIORITY = BaseChain.FILTER - 5;

    private AdminTable() {}

    static void ensure(NftSocket socket, NftTable table) {
        if (!socket.tables().contains(table)) {
            socket.commit(new NftBatch()
                    .addTable(table, Set.of())
                    .addChain(table, "forward", BaseChain.filter(Hook.FORWARD, PRIORITY)));
        }
    }
}
