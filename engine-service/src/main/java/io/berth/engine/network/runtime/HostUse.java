package io.berth.engine.network.runtime;

import io.berth.linux.netlink.IpPrefix;

/**
 * Addresses that the host itself reaches or has, which a network of containers may take from it.
 *
 * @param prefix a subnet for a route; of the others the address counts
 * @param link by which it is reached; empty where nobody knows
 */
public record HostUse(Kind kind, IpPrefix prefix, String link) {
    /** What the host has the addresses for. */
    public enum Kind {
        ROUTE("route"),
        ADDRESS("address"),
        /** By which others are reached. */
        GATEWAY("gateway"),
        RESOLVER("name server");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    /**
     * Whether a subnet has addresses of it. Of two routes the longer prefix wins, so that a subnet takes addresses from a route that
     * is as long or shorter, and its containers are not reached where a route is longer: both are wrong.
     */
    public boolean isTouchedBy(IpPrefix subnet) {
        return kind == Kind.ROUTE ? subnet.overlaps(prefix) : subnet.contains(prefix.address());
    }

    /** Such as {@code the host's route 192.168.1.0/24 (eth0)}. */
    public String text() {
        String what = kind == Kind.ROUTE ? prefix.toString() : IpPrefix.text(prefix.address());
        return "the host's " + kind.text + " " + what + (link.isEmpty() ? "" : " (" + link + ")");
    }
}
