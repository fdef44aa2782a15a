package io.berth.linux.netlink;

/** Kinds of virtual links that {@link NewLink} can make, with what each needs to know. */
public sealed interface LinkKind {
    /** A switch. */
    record Bridge() implements LinkKind {}

    /** A link that leads nowhere. */
    record Dummy() implements LinkKind {}

    /** One end of a pair. */
    record Veth(NewLink peer) implements LinkKind {
        public Veth {
            if (!(peer.kind() instanceof VethPeer)) {
                throw new IllegalArgumentException("peer of a veth: " + peer.kind() + " (expected: VethPeer)");
            }
        }
    }

    /** The other end of a pair, which the request for the first makes. */
    record VethPeer() implements LinkKind {}

    /**
     * A link with an Ethernet address of its own on another link.
     *
     * @param parent the other's index
     */
    record Macvlan(int parent, MacvlanMode mode) implements LinkKind {}

    /**
     * A link with IP addresses of its own on another link, whose Ethernet address it has.
     *
     * @param parent the other's index
     */
    record Ipvlan(int parent, IpvlanMode mode, IpvlanReach reach) implements LinkKind {}

    /**
     * The part of a link's traffic with one 802.1Q tag.
     *
     * @param parent the link's index
     * @param id 1 to 4094
     */
    record Vlan(int parent, int id) implements LinkKind {
        private static final int MAX_ID = 4094;

        public Vlan {
            if (id < 1 || id > MAX_ID) {
                throw new IllegalArgumentException("VLAN id: " + id + " (expected: 1 to " + MAX_ID + ")");
            }
        }
    }

    /** enum macvlan_mode of linux/if_link.h. */
    enum MacvlanMode {
        PRIVATE(1),
        VEPA(2),
        BRIDGE(4),
        PASSTHRU(8);

        private final int value;

        MacvlanMode(int value) {
            this.value = value;
        }

        int value() {
            return value;
        }
    }

    /** enum ipvlan_mode of linux/if_link.h. */
    enum IpvlanMode {
        L2(0),
        L3(1),
        L3S(2);

        private final int value;

        IpvlanMode(int value) {
            this.value = value;
        }

        int value() {
            return value;
        }
    }

    /** Whether links on one parent reach each other: IPVLAN_F_* of linux/if_link.h. */
    enum IpvlanReach {
        BRIDGE(0),
        PRIVATE(1),
        VEPA(2);

        private final int value;

        IpvlanReach(int value) {
            this.value = value;
        }

        int value() {
            return value;
        }
    }
}
