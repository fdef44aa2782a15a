package io.berth.engine.network.kernel;

import io.berth.linux.nftables.NftBatch;
import io.berth.linux.nftables.NftElement;
import io.berth.linux.nftables.NftFamily;
import io.berth.linux.nftables.NftTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tables of a firewall, and the commands for their elements. Immutable.
 *
 * @param inet where packets are routed
 * @param bridge where frames are forwarded between containers
 * @param admin where the host's administrator has rules of their own
 * @param flags of the first two
 */
record FirewallTables(NftTable inet, NftTable bridge, NftTable admin, Set<NftTable.Flag> flags) {
    FirewallTables {
        flags = Set.copyOf(flags);
    }

    static FirewallTables named(String name, Set<NftTable.Flag> flags) {
        return new FirewallTables(
                new NftTable(NftFamily.INET, name),
                new NftTable(NftFamily.BRIDGE, name),
                new NftTable(NftFamily.INET, name + "-admin"),
                flags);
    }

    void addElements(NftBatch batch, Collection<FirewallElement> elements) {
        grouped(elements).forEach((set, members) -> {
            if (set.inInet()) {
                batch.addElements(inet, set.set(), members);
            }
            if (set.inBridge()) {
                batch.addElements(bridge, set.set(), members);
            }
        });
    }

    void deleteElements(NftBatch batch, Collection<FirewallElement> elements) {
        grouped(elements).forEach((set, members) -> {
            if (set.inInet()) {
                batch.deleteElements(inet, set.set(), members);
            }
            if (set.inBridge()) {
                batch.deleteElements(bridge, set.set(), members);
            }
        });
    }

    private static Map<FirewallSet, List<NftElement>> grouped(Collection<FirewallElement> elements) {
        Map<FirewallSet, List<NftElement>> grouped = new EnumMap<>(FirewallSet.class);
        for (FirewallElement element : elements) {
            grouped.computeIfAbsent(element.set(), set -> new ArrayList<>()).add(element.element());
        }
        return grouped;
    }
}
