package io.berth.linux.nftables;

import io.berth.linux.netlink.IpPrefix;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A rule: conditions, which all must hold, and what is done then. Immutable; every method returns this rule with one more
 * condition or action.
 *
 * @param expressions in the order in which the kernel runs them
 * @param comment that nft shows; may be empty
 */
public record NftRule(List<Expression> expressions, String comment) {
    private static final NftRule EMPTY = new NftRule(List.of(), "");
    private static final int MAX_COMMENT_BYTES = 128;

    public NftRule {
        expressions = List.copyOf(expressions);
        if (comment.length() >= MAX_COMMENT_BYTES || !comment.chars().allMatch(c -> c >= ' ' && c < 0x7F)) {
            throw new IllegalArgumentException("comment: \"" + comment + "\" (expected: < 128 ASCII characters)");
        }
    }

    /** A rule that holds for every packet. */
    public static NftRule rule() {
        return EMPTY;
    }

    public NftRule comment(String newComment) {
        return new NftRule(expressions, newComment);
    }

    /** For packets of IPv4 or IPv6 only, in a table of both. */
    public NftRule family(NftFamily family) {
        return is(Field.NFPROTO, NftValue.number(DataType.NFPROTO, family.protocol()));
    }

    public NftRule is(Field field, NftValue value) {
        return compare(field, true, value);
    }

    public NftRule isNot(Field field, NftValue value) {
        return compare(field, false, value);
    }

    private NftRule compare(Field field, boolean equal, NftValue value) {
        requireType(field, value.type());
        return with(field.load(0), Expression.compare(0, equal, value.bytes()));
    }

    /** When at least one of a number's bits is set. */
    public NftRule hasAny(Field field, int bits) {
        return masked(field, bits, false, 0);
    }

    /** When none of a number's bits is set. */
    public NftRule hasNone(Field field, int bits) {
        return masked(field, bits, true, 0);
    }

    /** When of a number's bits those of a value are set, and of the rest of the mask none. */
    public NftRule masked(Field field, int mask, int value) {
        return masked(field, mask, true, value);
    }

    /** When an address is in a subnet. */
    public NftRule within(Field field, IpPrefix subnet) {
        return compare(field, true, subnet);
    }

    /** When an address is not in a subnet. */
    public NftRule outside(Field field, IpPrefix subnet) {
        return compare(field, false, subnet);
    }

    private NftRule compare(Field field, boolean equal, IpPrefix subnet) {
        NftValue first = NftValue.address(subnet.first());
        requireType(field, first.type());
        byte[] mask = new byte[first.type().length()];
        for (int bit = 0; bit < subnet.length(); bit++) {
            mask[bit / Byte.SIZE] |= (byte) (0x80 >>> (bit % Byte.SIZE));
        }
        return with(
                field.load(0),
                Expression.bitwise(0, mask, new byte[mask.length]),
                Expression.compare(0, equal, first.bytes()));
    }

    private NftRule masked(Field field, int mask, boolean equal, int value) {
        DataType type = field.type();
        return with(
                field.load(0),
                Expression.bitwise(0, NftValue.number(type, mask).bytes(), new byte[type.length()]),
                Expression.compare(0, equal, NftValue.number(type, value).bytes()));
    }

    /** When the fields together are an element's key. */
    public NftRule in(NftSet set, Field... key) {
        return load(set, key).with(Expression.lookup(set.name(), true, 0));
    }

    /** When the fields together are no element's key. */
    public NftRule notIn(NftSet set, Field... key) {
        return load(set, key).with(Expression.lookup(set.name(), false, 0));
    }

    private NftRule load(NftSet set, Field... key) {
        if (key.length != set.key().size()) {
            throw new IllegalArgumentException("set " + set.name() + ": " + key.length + " fields (expected: "
                    + set.key().size() + ")");
        }
        NftRule rule = this;
        int register = 0;
        for (int i = 0; i < key.length; i++) {
            requireType(key[i], set.key().get(i));
            rule = rule.with(key[i].load(register));
            register += key[i].type().registers();
        }
        return rule;
    }

    private static void requireType(Field field, DataType type) {
        if (field.type() != type) {
            throw new IllegalArgumentException(field + ": " + type + " (expected: " + field.type() + ")");
        }
    }

    /** Decides as a verdict map has it for the fields; goes to the next rule when it has nothing. */
    public NftRule decideBy(NftSet verdicts, Field... key) {
        return load(verdicts, key).with(Expression.verdictMap(verdicts.name(), 0));
    }

    /** Counts packets and bytes that have come so far. */
    public NftRule count() {
        return with(Expression.counter());
    }

    public NftRule accept() {
        return decide(Verdict.ACCEPT);
    }

    public NftRule drop() {
        return decide(Verdict.DROP);
    }

    public NftRule jump(String chain) {
        return decide(Verdict.jump(chain));
    }

    public NftRule decide(Verdict verdict) {
        return with(Expression.verdict(verdict));
    }

    /** Refuses with "port unreachable" of ICMP. */
    public NftRule reject() {
        return with(Expression.reject(false));
    }

    /** Refuses TCP with a reset. */
    public NftRule reset() {
        return with(Expression.reject(true));
    }

    /** Sets bits of the packet's mark, and leaves the others. */
    public NftRule setMarkBits(int bits) {
        return with(
                Field.MARK.load(0),
                Expression.bitwise(
                        0,
                        NftValue.number(DataType.MARK, ~bits).bytes(),
                        NftValue.number(DataType.MARK, bits).bytes()),
                Expression.setMark(0));
    }

    /** Lets the connection go to the address and port that a map has for the fields; to the next rule when it has none. */
    public NftRule destinationFrom(NftSet map, Field... key) {
        DataType address = map.value().getFirst();
        boolean withPort = map.value().equals(List.of(address, DataType.INET_SERVICE));
        if (!withPort && map.value().size() != 1) {
            throw new IllegalArgumentException("map " + map.name() + ": values " + map.value());
        }
        NftFamily family =
                switch (address) {
                    case IPV4_ADDRESS -> NftFamily.IPV4;
                    case IPV6_ADDRESS -> NftFamily.IPV6;
                    default -> throw new IllegalArgumentException("map " + map.name() + ": values " + map.value());
                };
        return load(map, key)
                .with(
                        Expression.map(map.name(), 0, 0),
                        Expression.translate(true, family, 0, withPort ? address.registers() : -1));
    }

    /** Lets the connection go to an address and port. */
    public NftRule destination(InetAddress address, int port) {
        return translate(true, address, port);
    }

    /** Lets the connection come from an address and port. */
    public NftRule source(InetAddress address, int port) {
        return translate(false, address, port);
    }

    /** Lets the connection come from an address, and its port stay unless that is taken. */
    public NftRule source(InetAddress address) {
        return with(Expression.immediate(0, address.getAddress()), Expression.translate(false, family(address), 0, -1));
    }

    private NftRule translate(boolean destination, InetAddress address, int port) {
        ByteBuffer portRegister = ByteBuffer.allocate(DataType.INET_SERVICE.length());
        portRegister.putShort((short) port);
        int registers = NftValue.address(address).type().registers();
        return with(
                Expression.immediate(0, address.getAddress()),
                Expression.immediate(registers, portRegister.array()),
                Expression.translate(destination, family(address), 0, registers));
    }

    private static NftFamily family(InetAddress address) {
        return address instanceof Inet4Address ? NftFamily.IPV4 : NftFamily.IPV6;
    }

    /** Lets the connection come from the address of the interface that it leaves through. */
    public NftRule masquerade() {
        return with(Expression.masquerade());
    }

    private NftRule with(Expression... more) {
        List<Expression> all = new ArrayList<>(expressions);
        all.addAll(List.of(more));
        return new NftRule(all, comment);
    }
}
