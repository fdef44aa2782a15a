package io.berth.linux.nftables;

/** The families that a table may belong to (NFPROTO_* of linux/netfilter.h). */
public enum NftFamily {
    /** IPv4 and IPv6 together. */
    INET(1, "inet"),
    IPV4(2, "ip"),
    BRIDGE(7, "bridge"),
    IPV6(10, "ip6");

    private final int number;
    private final String text;

    NftFamily(int number, String text) {
        this.number = number;
        this.text = text;
    }

    int number() {
        return number;
    }

    /** Also {@code meta nfproto} of a packet of this family. */
    byte protocol() {
        return (byte) number;
    }

    /** As in nft's own language. */
    @Override
    public String toString() {
        return text;
    }
}
