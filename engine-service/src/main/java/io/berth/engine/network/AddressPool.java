package io.berth.engine.network;

import io.berth.linux.netlink.IpPrefix;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The addresses of one subnet, and which of them are taken.
 *
 * <p>Thread-safe. Nothing is kept on disk: what is taken is known from the network and from the containers that run, and taken
 * again when the engine starts. The lowest free address is given, as in Docker.
 */
final class AddressPool {
    /** Addresses beyond so many from the subnet's first are kept one by one. */
    private static final int DENSE = 1 << 24;

    private final IpPrefix subnet;
    private final IpPrefix range;
    private final BitSet taken = new BitSet();
    private final Set<BigInteger> takenFar = new HashSet<>();

    /**
     * @param range the part of the subnet that addresses are given from
     */
    AddressPool(IpPrefix subnet, IpPrefix range) {
        this.subnet = subnet.network();
        this.range = range.network();
        BigInteger last = subnet.size().subtract(BigInteger.ONE);
        // The subnet's own address, and IPv4's broadcast address, are nobody's; a subnet of two has neither (RFC 3021,
        // 6164).
        if (subnet.bits() - subnet.length() > 1) {
            mark(BigInteger.ZERO);
            if (subnet.isIpv4()) {
                mark(last);
            }
        }
    }

    IpPrefix subnet() {
        return subnet;
    }

    /**
     * Takes a certain address.
     *
     * @return false when it is taken, or not one of the subnet's that anybody may have
     */
    synchronized boolean take(InetAddress address) {
        return subnet.contains(address) && mark(subnet.offsetOf(address));
    }

    /** Takes the lowest free address of the range; none when all are taken. */
    synchronized Optional<IpPrefix> takeAny() {
        BigInteger first = subnet.offsetOf(range.first());
        BigInteger end = first.add(range.size());
        BigInteger offset = first;
        while (offset.compareTo(end) < 0) {
            if (offset.bitLength() < Integer.SIZE && offset.intValue() < DENSE) {
                offset = BigInteger.valueOf(taken.nextClearBit(offset.intValue()));
            }
            if (offset.compareTo(end) < 0 && mark(offset)) {
                return Optional.of(new IpPrefix(subnet.at(offset), subnet.length()));
            }
            offset = offset.add(BigInteger.ONE);
        }
        return Optional.empty();
    }

    /** Gives an address back. */
    synchronized void release(InetAddress address) {
        if (!subnet.contains(address)) {
            return;
        }
        BigInteger offset = subnet.offsetOf(address);
        if (isDense(offset)) {
            taken.clear(offset.intValue());
        } else {
            takenFar.remove(offset);
        }
    }

    /** How many are taken, with those that nobody may have. */
    synchronized long takenCount() {
        return (long) taken.cardinality() + takenFar.size();
    }

    /** How many can still be given; at most {@link Long#MAX_VALUE}. */
    synchronized long available() {
        BigInteger first = subnet.offsetOf(range.first());
        BigInteger end = first.add(range.size());
        BigInteger dense = BigInteger.valueOf(DENSE);
        long inRange = 0;
        if (first.compareTo(dense) < 0) {
            int to = end.min(dense).intValueExact();
            inRange += taken.get(first.intValueExact(), to).cardinality();
        }
        inRange += takenFar.stream()
                .filter(offset -> offset.compareTo(first) >= 0 && offset.compareTo(end) < 0)
                .count();
        return range.size()
                .subtract(BigInteger.valueOf(inRange))
                .min(BigInteger.valueOf(Long.MAX_VALUE))
                .longValueExact();
    }

    private boolean mark(BigInteger offset) {
        if (offset.compareTo(subnet.size()) >= 0) {
            return false;
        }
        if (!isDense(offset)) {
            return takenFar.add(offset);
        }
        if (taken.get(offset.intValue())) {
            return false;
        }
        taken.set(offset.intValue());
        return true;
    }

    private static boolean isDense(BigInteger offset) {
        return offset.bitLength() < Integer.SIZE && offset.intValue() < DENSE;
    }
}
