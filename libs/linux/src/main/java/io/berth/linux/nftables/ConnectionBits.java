package io.berth.linux.nftables;

/** Bits of {@link Field#CT_STATE} (NF_CT_STATE_BIT of net/netfilter/nf_conntrack.h) and {@link Field#CT_STATUS} (IPS_*). */
public final class ConnectionBits {
    public static final int CT_STATE_INVALID = 1;
    public static final int CT_STATE_ESTABLISHED = 2;
    public static final int CT_STATE_RELATED = 4;
    public static final int CT_STATE_NEW = 8;

    /** The source was translated. */
    public static final int CT_STATUS_SNAT = 0x10;

    /** The destination was translated. */
    public static final int CT_STATUS_DNAT = 0x20;

    private ConnectionBits() {}
}
