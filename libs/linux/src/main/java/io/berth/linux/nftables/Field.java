package io.berth.linux.nftables;

/** Something of a packet, of its connection or its route that rules ask for. */
public enum Field {
    INPUT_INTERFACE(Source.META, 6, DataType.INTERFACE_NAME),
    OUTPUT_INTERFACE(Source.META, 7, DataType.INTERFACE_NAME),
    INPUT_INDEX(Source.META, 4, DataType.INTERFACE_INDEX),
    OUTPUT_INDEX(Source.META, 5, DataType.INTERFACE_INDEX),
    MARK(Source.META, 3, DataType.MARK),
    /** {@link NftFamily#IPV4} or {@link NftFamily#IPV6}, in tables of family {@link NftFamily#INET}. */
    NFPROTO(Source.META, 15, DataType.NFPROTO),
    /** What follows the IP headers; loading it ends the rule for fragments that do not begin a packet. */
    TRANSPORT_PROTOCOL(Source.META, 16, DataType.INET_PROTOCOL),
    /** What follows the Ethernet header, also beyond a VLAN's that the card has taken off. */
    PROTOCOL(Source.META, 1, DataType.ETHER_TYPE),

    ETHER_DESTINATION(Source.LINK_HEADER, 0, DataType.ETHER_ADDRESS),
    ETHER_SOURCE(Source.LINK_HEADER, 6, DataType.ETHER_ADDRESS),
    IPV4_SOURCE(Source.NETWORK_HEADER, 12, DataType.IPV4_ADDRESS),
    IPV4_DESTINATION(Source.NETWORK_HEADER, 16, DataType.IPV4_ADDRESS),
    IPV6_SOURCE(Source.NETWORK_HEADER, 8, DataType.IPV6_ADDRESS),
    IPV6_DESTINATION(Source.NETWORK_HEADER, 24, DataType.IPV6_ADDRESS),
    /** Of ARP for IPv4 over Ethernet, as those after it. */
    ARP_OPERATION(Source.NETWORK_HEADER, 6, DataType.ARP_OPERATION),
    ARP_SENDER_MAC(Source.NETWORK_HEADER, 8, DataType.ETHER_ADDRESS),
    ARP_SENDER_ADDRESS(Source.NETWORK_HEADER, 14, DataType.IPV4_ADDRESS),
    ARP_TARGET_ADDRESS(Source.NETWORK_HEADER, 24, DataType.IPV4_ADDRESS),
    /** Of TCP, UDP and SCTP; so match the protocol too. */
    SOURCE_PORT(Source.TRANSPORT_HEADER, 0, DataType.INET_SERVICE),
    DESTINATION_PORT(Source.TRANSPORT_HEADER, 2, DataType.INET_SERVICE),
    TCP_FLAGS(Source.TRANSPORT_HEADER, 13, DataType.TCP_FLAGS),
    ICMP_TYPE(Source.TRANSPORT_HEADER, 0, DataType.ICMP_TYPE),
    ICMPV6_TYPE(Source.TRANSPORT_HEADER, 0, DataType.ICMPV6_TYPE),
    /** Whose Ethernet address a neighbour solicitation asks for, or an advertisement tells (RFC 4861, 4.3 and 4.4). */
    NEIGHBOUR_TARGET(Source.TRANSPORT_HEADER, 8, DataType.IPV6_ADDRESS),

    /** One of the bits CT_STATE_* of {@link ConnectionBits}. */
    CT_STATE(Source.CONNECTION, 0, DataType.CT_STATE),
    /** 0 for packets in the direction of the first one, 1 for replies. */
    CT_DIRECTION(Source.CONNECTION, 1, DataType.CT_DIRECTION),
    /** Bits CT_STATUS_* of {@link ConnectionBits}. */
    CT_STATUS(Source.CONNECTION, 2, DataType.CT_STATUS),
    /** Before translation. */
    CT_ORIGINAL_DESTINATION_PORT(Source.ORIGINAL_DIRECTION, 12, DataType.INET_SERVICE),
    CT_ORIGINAL_IPV4_DESTINATION(Source.ORIGINAL_DIRECTION, 20, DataType.IPV4_ADDRESS),
    CT_ORIGINAL_IPV6_DESTINATION(Source.ORIGINAL_DIRECTION, 22, DataType.IPV6_ADDRESS),

    /** RTN_* of linux/rtnetlink.h: {@link #LOCAL} for the host's own addresses. */
    DESTINATION_ADDRESS_TYPE(Source.ROUTE_OF_DESTINATION, 3, DataType.FIB_ADDRESS_TYPE);

    /** RTN_LOCAL, of {@link #DESTINATION_ADDRESS_TYPE}. */
    public static final int LOCAL = 2;

    private static final int NFTA_FIB_F_DADDR = 2;

    private final Source source;
    private final int key;
    private final DataType type;

    Field(Source source, int key, DataType type) {
        this.source = source;
        this.key = key;
        this.type = type;
    }

    public DataType type() {
        return type;
    }

    /** Loads it into a register and, where it is longer, those that follow. */
    Expression load(int register) {
        return switch (source) {
            case META -> Expression.meta(key, register);
            case LINK_HEADER -> Expression.payload(0, key, type.length(), register);
            case NETWORK_HEADER -> Expression.payload(1, key, type.length(), register);
            case TRANSPORT_HEADER -> Expression.payload(2, key, type.length(), register);
            case CONNECTION -> Expression.connection(key, register);
            case ORIGINAL_DIRECTION -> Expression.connection(key, 0, register);
            case ROUTE_OF_DESTINATION -> Expression.route(key, NFTA_FIB_F_DADDR, register);
        };
    }

    private enum Source {
        META,
        LINK_HEADER,
        NETWORK_HEADER,
        TRANSPORT_HEADER,
        CONNECTION,
        ORIGINAL_DIRECTION,
        ROUTE_OF_DESTINATION
    }
}
