package io.berth.linux.nftables;

import io.berth.linux.netlink.NetfilterAttributes;

/**
 * What a rule, or an element of a verdict map, decides.
 *
 * @param code NF_* of linux/netfilter.h, or NFT_* below 0 of enum nft_verdicts
 * @param chain to go on in; empty where none is needed
 */
public record Verdict(int code, String chain) {
    /** Out of this base chain; others of the hook still see the packet. */
    public static final Verdict ACCEPT = new Verdict(1, "");

    public static final Verdict DROP = new Verdict(0, "");

    /** Back to the chain that this one was jumped to from. */
    public static final Verdict RETURN = new Verdict(-5, "");

    private static final int NFT_JUMP = -3;
    private static final int NFT_GOTO = -4;
    private static final int NFTA_DATA_VERDICT = 2;
    private static final int NFTA_VERDICT_CODE = 1;
    private static final int NFTA_VERDICT_CHAIN = 2;

    /** Through a chain, and back here. */
    public static Verdict jump(String chain) {
        return new Verdict(NFT_JUMP, chain);
    }

    /** To a chain, and from its end to where this one would return. */
    public static Verdict goTo(String chain) {
        return new Verdict(NFT_GOTO, chain);
    }

    /** As enum nft_data_attributes has it. */
    void write(NetfilterAttributes attributes) {
        attributes.nested(NFTA_DATA_VERDICT, verdict -> {
            verdict.number(NFTA_VERDICT_CODE, code);
            if (!chain.isEmpty()) {
                verdict.text(NFTA_VERDICT_CHAIN, chain);
            }
        });
    }
}
