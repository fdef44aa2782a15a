package io.berth.linux.nftables;

import java.util.List;

/**
 * What a value is: how long, and as what nft shows it (enum datatypes of nftables' include/datatype.h; the kernel only stores
 * those numbers).
 */
public enum DataType {
    VERDICT(0, 16, false),
    NFPROTO(2, 1, true),
    IPV4_ADDRESS(7, 4, false),
    IPV6_ADDRESS(8, 16, false),
    ETHER_ADDRESS(9, 6, false),
    ETHER_TYPE(10, 2, false),
    ARP_OPERATION(11, 2, false),
    INET_PROTOCOL(12, 1, false),
    /** A port. */
    INET_SERVICE(13, 2, false),
    ICMP_TYPE(14, 1, false),
    TCP_FLAGS(15, 1, false),
    MARK(19, 4, true),
    INTERFACE_INDEX(20, 4, true),
    CT_STATE(26, 4, true),
    CT_DIRECTION(27, 1, true),
    CT_STATUS(28, 4, true),
    ICMPV6_TYPE(29, 1, false),
    /** Of an address, as the routing table knows it (RTN_*). */
    FIB_ADDRESS_TYPE(38, 4, true),
    INTERFACE_NAME(41, 16, true);

    /** nft keeps a concatenation's types in six bits each (TYPE_BITS). */
    static final int CONCATENATION_BITS = 6;

    /** The kernel's registers are of 32 bits; each field of a concatenation begins in a new one. */
    static final int REGISTER_BYTES = 4;

    private static final int DATA_IS_VERDICT = 0xFFFFFF00; // NFT_DATA_VERDICT

    private final int code;
    private final int length;
    private final boolean hostOrder;

    DataType(int code, int length, boolean hostOrder) {
        this.code = code;
        this.length = length;
        this.hostOrder = hostOrder;
    }

    /** In bytes. */
    public int length() {
        return length;
    }

    /** Registers of 32 bits that it fills. */
    int registers() {
        return (length + REGISTER_BYTES - 1) / REGISTER_BYTES;
    }

    /** Whether its numbers are in the machine's byte order; in the network's otherwise. */
    boolean hostOrder() {
        return hostOrder;
    }

    /** What a set's KEY_TYPE or DATA_TYPE is for values of these types, one after the other. */
    static int code(Iterable<DataType> types) {
        int code = 0;
        for (DataType type : types) {
            if (type == VERDICT) {
                return DATA_IS_VERDICT;
            }
            code = code << CONCATENATION_BITS | type.code;
        }
        return code;
    }

    /** Bytes of values of these types, one after the other: alone as it is, of several each filled to whole registers. */
    static int length(List<DataType> types) {
        if (types.size() == 1) {
            return types.getFirst().length;
        }
        return types.stream().mapToInt(DataType::registers).sum() * REGISTER_BYTES;
    }
}
