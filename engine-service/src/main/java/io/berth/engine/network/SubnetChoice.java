package io.berth.engine.network;

import io.berth.engine.network.NetworkProperties.Pool;
import io.berth.linux.netlink.IpPrefix;
import java.math.BigInteger;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Chooses subnets for networks whose users do not. A pure function of what is in use. */
final class SubnetChoice {
    /** So many subnets of a pool are looked at: an IPv6 pool has more than anybody uses. */
    private static final int MAX_SUBNETS = 1 << 16;

    /** Docker's (moby: libnetwork/ipamutils). */
    private static final List<Pool> DOCKERS = List.of(
            new Pool("172.17.0.0/16", 16),
            new Pool("172.18.0.0/16", 16),
            new Pool("172.19.0.0/16", 16),
            new Pool("172.20.0.0/14", 16),
            new Pool("172.24.0.0/14", 16),
            new Pool("172.28.0.0/14", 16),
            new Pool("192.168.0.0/16", 20));

    private final List<Pool> pools;

    /**
     * @param pools empty for Docker's
     * @param ipv6 from which IPv6 subnets are chosen when no pool has any: a prefix of the host's own (RFC 4193)
     */
    SubnetChoice(List<Pool> pools, IpPrefix ipv6) {
        List<Pool> wanted = pools.isEmpty() ? DOCKERS : pools;
        boolean hasIpv6 = wanted.stream().anyMatch(pool -> pool.prefix().isIpv6());
        this.pools = hasIpv6
                ? List.copyOf(wanted)
                : Stream.concat(wanted.stream(), Stream.of(new Pool(ipv6.toString(), 64)))
                        .toList();
    }

    /** Where the subnets are that it chooses. */
    List<IpPrefix> bases() {
        return pools.stream().map(Pool::prefix).toList();
    }

    /** The first subnet that has nothing in common with those in use. */
    Optional<IpPrefix> first(boolean ipv4, Collection<IpPrefix> inUse) {
        for (Pool pool : pools) {
            IpPrefix base = pool.prefix();
            if (base.isIpv4() != ipv4) {
                continue;
            }
            BigInteger step = BigInteger.ONE.shiftLeft(base.bits() - pool.size());
            BigInteger offset = BigInteger.ZERO;
            for (int i = 0; i < MAX_SUBNETS && offset.compareTo(base.size()) < 0; i++) {
                IpPrefix subnet = new IpPrefix(base.at(offset), pool.size());
                if (inUse.stream().noneMatch(subnet::overlaps)) {
                    return Optional.of(subnet);
                }
                offset = offset.add(step);
            }
        }
        return Optional.empty();
    }
}
