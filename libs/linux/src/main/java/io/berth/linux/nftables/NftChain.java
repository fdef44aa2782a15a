package io.berth.linux.nftables;

/**
 * A chain that meets packets, whoever made it.
 *
 * @param policy what becomes of packets that none of its rules decides on
 */
public record NftChain(NftTable table, String name, BaseChain.Hook hook, BaseChain.Policy policy) {
    /** As in nft's own language, such as {@code ip filter FORWARD}. */
    @Override
    public String toString() {
        return table + " " + name;
    }
}
