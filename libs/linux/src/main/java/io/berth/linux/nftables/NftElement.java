package io.berth.linux.nftables;

import io.berth.linux.netlink.IpPrefix;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An element of a set or map.
 *
 * @param key its parts
 * @param after in a set of intervals: the first key that is not in it any more; null when it goes to the end
 * @param value what it is mapped to, in parts; empty where it is not
 * @param verdict what it is mapped to in a verdict map; null elsewhere
 */
public record NftElement(
        List<NftValue> key,
        @Nullable NftValue after,
        List<NftValue> value,
        @Nullable Verdict verdict) {

    public NftElement {
        key = List.copyOf(key);
        value = List.copyOf(value);
    }

    public static NftElement of(NftValue... key) {
        return new NftElement(List.of(key), null, List.of(), null);
    }

    /** The addresses of a subnet, in a set of intervals. */
    public static NftElement prefix(IpPrefix prefix) {
        byte[] first = prefix.first().getAddress();
        byte[] sum = new BigInteger(1, first).add(prefix.size()).toByteArray();
        byte[] after = new byte[first.length];
        int from = Math.max(0, sum.length - after.length);
        System.arraycopy(sum, from, after, after.length - (sum.length - from), sum.length - from);
        boolean toTheEnd = new BigInteger(1, after).signum() == 0;
        return new NftElement(
                List.of(NftValue.address(prefix.first())),
                toTheEnd ? null : NftValue.address(address(after)),
                List.of(),
                null);
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
        }
    }

    /** This key, mapped to values. */
    public NftElement to(NftValue... newValue) {
        return new NftElement(key, after, List.of(newValue), null);
    }

    /** This key, mapped to a verdict. */
    public NftElement to(Verdict newVerdict) {
        return new NftElement(key, after, List.of(), newVerdict);
    }
}
