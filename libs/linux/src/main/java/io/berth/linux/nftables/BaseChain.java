package io.berth.linux.nftables;

/**
 * Where a chain meets packets.
 *
 * @param priority among all chains of the hook, lowest first; the numbers that tools know by name are constants here
 * @param policy what becomes of packets that no rule decides on
 */
public record BaseChain(Type type, Hook hook, int priority, Policy policy) {
    /** Before connection tracking (NF_IP_PRI_RAW). */
    public static final int RAW = -300;

    /** Translation of destinations (NF_IP_PRI_NAT_DST). */
    public static final int DSTNAT = -100;

    /** Filters (NF_IP_PRI_FILTER). */
    public static final int FILTER = 0;

    /** Translation of sources (NF_IP_PRI_NAT_SRC). */
    public static final int SRCNAT = 100;

    /** Filters of the bridge family (NF_BR_PRI_FILTER_BRIDGED). */
    public static final int BRIDGE_FILTER = -200;

    /** A chain of filters that lets through what it has nothing to say about. */
    public static BaseChain filter(Hook hook, int priority) {
        return new BaseChain(Type.FILTER, hook, priority, Policy.ACCEPT);
    }

    /** A chain that sees the first packet of a connection, to translate its addresses. */
    public static BaseChain nat(Hook hook, int priority) {
        return new BaseChain(Type.NAT, hook, priority, Policy.ACCEPT);
    }

    public enum Type {
        FILTER("filter"),
        NAT("nat");

        private final String text;

        Type(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /** NF_INET_* of linux/netfilter.h, whose numbers the bridge family's are too. */
    public enum Hook {
        PREROUTING(0),
        INPUT(1),
        FORWARD(2),
        OUTPUT(3),
        POSTROUTING(4);

        private final int number;

        Hook(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    /** What becomes of packets that no rule decides on. */
    public enum Policy {
        DROP(0),
        ACCEPT(1);

        private final int verdict;

        Policy(int verdict) {
            this.verdict = verdict;
        }

        int verdict() {
            return verdict;
        }
    }
}
