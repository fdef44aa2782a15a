package io.berth.linux.nftables;

import io.berth.linux.netlink.NetfilterAttributes;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * One step of a rule: loads something into registers, compares, looks up, or acts. A comparison or look-up that does not hold
 * ends the rule.
 *
 * <p>Registers are the sixteen of 32 bits, numbered from 0 here; {@link NftRule} puts values of several registers one after
 * the other.
 *
 * @param name as the kernel knows it, such as {@code cmp}
 * @param data its attributes, encoded
 */
public record Expression(String name, ByteBuffer data) {
    /** Registers of 32 bits that there are. */
    static final int REGISTERS = 16;

    private static final int NFTA_EXPR_NAME = 1;
    private static final int NFTA_EXPR_DATA = 2;
    private static final int NFT_REG_VERDICT = 0;
    private static final int NFT_REG32_00 = 8;
    private static final int NFTA_DATA_VALUE = 1;
    private static final int NFT_META_MARK = 3;

    static Expression of(String name, Consumer<NetfilterAttributes> content) {
        NetfilterAttributes attributes = new NetfilterAttributes();
        content.accept(attributes);
        return new Expression(name, attributes.toBuffer());
    }

    /** enum nft_registers, for the register of so many. */
    static int register(int index) {
        if (index < 0 || index >= REGISTERS) {
            throw new IllegalArgumentException("register " + index + " (expected: 0 to 15)");
        }
        return NFT_REG32_00 + index;
    }

    /** Loads metadata of the packet (NFT_META_*). */
    static Expression meta(int key, int register) {
        return of("meta", meta -> meta.number(1, register(register)).number(2, key)); // DREG, KEY
    }

    /** Stores a register as the packet's mark. */
    static Expression setMark(int register) {
        return of("meta", meta -> meta.number(2, NFT_META_MARK).number(3, register(register))); // KEY, SREG
    }

    /** Loads bytes of the packet, counted from a header's start (enum nft_payload_bases). */
    static Expression payload(int base, int offset, int length, int register) {
        return of(
                "payload",
                payload -> payload.number(1, register(register)) // DREG
                        .number(2, base)
                        .number(3, offset)
                        .number(4, length));
    }

    /** Loads something of the packet's connection (NFT_CT_*), which ends the rule when it has none. */
    static Expression connection(int key, int register) {
        return of("ct", ct -> ct.number(1, register(register)).number(2, key)); // DREG, KEY
    }

    /** Loads something of the packet's connection that it has once for each direction (enum ip_conntrack_dir). */
    static Expression connection(int key, int direction, int register) {
        return of("ct", ct -> ct.number(1, register(register)).number(2, key).octet(3, direction));
    }

    /** Loads what the routing table says (NFT_FIB_RESULT_*) about what the flags name (NFTA_FIB_F_*). */
    static Expression route(int result, int flags, int register) {
        return of(
                "fib",
                fib -> fib.number(1, register(register)).number(2, result).number(3, flags));
    }

    /** Goes on when a register, and those after it, equals a value or does not. */
    static Expression compare(int register, boolean equal, byte[] value) {
        return of(
                "cmp",
                cmp -> cmp.number(1, register(register)) // SREG
                        .number(2, equal ? 0 : 1) // NFT_CMP_EQ, NFT_CMP_NEQ
                        .nested(3, data -> data.bytes(NFTA_DATA_VALUE, value)));
    }

    /** {@code register = register & mask ^ xor}. */
    static Expression bitwise(int register, byte[] mask, byte[] xor) {
        return of(
                "bitwise",
                bitwise -> bitwise.number(1, register(register)) // SREG
                        .number(2, register(register)) // DREG
                        .number(3, mask.length)
                        .nested(4, data -> data.bytes(NFTA_DATA_VALUE, mask))
                        .nested(5, data -> data.bytes(NFTA_DATA_VALUE, xor)));
    }

    /** Goes on when the key in the registers is in a set, or is not. */
    static Expression lookup(String set, boolean present, int register) {
        return of("lookup", lookup -> {
            lookup.text(1, set).number(2, register(register)); // SET, SREG
            if (!present) {
                lookup.number(5, 1); // FLAGS: NFT_LOOKUP_F_INV
            }
        });
    }

    /** Loads what a map has for the key in the registers, which ends the rule when it has nothing. */
    static Expression map(String map, int register, int target) {
        return of(
                "lookup",
                lookup -> lookup.text(1, map).number(2, register(register)).number(3, register(target)));
    }

    /** Decides as a verdict map says, which ends the rule when it says nothing. */
    static Expression verdictMap(String map, int register) {
        return of(
                "lookup",
                lookup -> lookup.text(1, map).number(2, register(register)).number(3, NFT_REG_VERDICT));
    }

    /** Loads a value. */
    static Expression immediate(int register, byte[] value) {
        return of(
                "immediate",
                immediate -> immediate
                        .number(1, register(register)) // DREG
                        .nested(2, data -> data.bytes(NFTA_DATA_VALUE, value)));
    }

    /** Decides. */
    static Expression verdict(Verdict verdict) {
        return of("immediate", immediate -> immediate.number(1, NFT_REG_VERDICT).nested(2, verdict::write));
    }

    /**
     * Gives the connection another source or destination.
     *
     * @param destination whether it is the destination
     * @param addressRegister where the address is
     * @param portRegister where the port is; negative for none
     */
    static Expression translate(boolean destination, NftFamily family, int addressRegister, int portRegister) {
        return of("nat", nat -> {
            nat.number(1, destination ? 1 : 0) // TYPE: NFT_NAT_DNAT, NFT_NAT_SNAT
                    .number(2, family.number())
                    .number(3, register(addressRegister)); // REG_ADDR_MIN; MAX is the same when absent
            if (portRegister >= 0) {
                nat.number(5, register(portRegister)); // REG_PROTO_MIN
            }
        });
    }

    /** Gives the connection the address of the interface that it leaves through as its source. */
    static Expression masquerade() {
        return of("masq", masquerade -> {});
    }

    /** Refuses: TCP with a reset, everything else with "port unreachable" of ICMP. */
    static Expression reject(boolean reset) {
        return of("reject", reject -> {
            if (reset) {
                reject.number(1, 1); // TYPE: NFT_REJECT_TCP_RST
            } else {
                reject.number(1, 2).octet(2, 1); // NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_PORT_UNREACH
            }
        });
    }

    /** Counts packets and bytes. */
    static Expression counter() {
        return of("counter", counter -> {});
    }

    /** As enum nft_expr_attributes has it. */
    void write(NetfilterAttributes attributes) {
        attributes.text(NFTA_EXPR_NAME, name).nested(NFTA_EXPR_DATA, data);
    }
}
