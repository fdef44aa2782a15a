package io.berth.engine.network;

import io.berth.docker.error.InvalidParameter;
import io.berth.docker.network.Ipam.IpamConfig;
import io.berth.linux.netlink.IpPrefix;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Checks the pools of addresses that a user wants, in moby's words (moby: api/types/network/ipam.go). */
final class IpamCheck {
    private static final String BAD_CIDR = "invalid CIDR block notation";
    private static final String BAD_ADDRESS = "invalid address";

    private final List<String> errors = new ArrayList<>();

    private IpamCheck() {}

    /**
     * @throws InvalidParameter with everything that is wrong
     */
    static void check(List<IpamConfig> configs, boolean ipv6) {
        IpamCheck check = new IpamCheck();
        configs.forEach(config -> check.check(config, ipv6));
        if (!check.errors.isEmpty()) {
            throw new InvalidParameter("invalid network config:\n" + joined(check.errors));
        }
    }

    /** As Go's errors are joined: one by itself, several as a list. */
    static String joined(List<String> errors) {
        return errors.size() == 1 ? errors.getFirst() : "* " + String.join("\n* ", errors);
    }

    private void check(IpamConfig config, boolean ipv6) {
        String text = orEmpty(config.subnet());
        Optional<IpPrefix> parsed = prefix(text);
        if (parsed.isEmpty()) {
            errors.add("invalid subnet " + text + ": " + BAD_CIDR);
            return;
        }
        IpPrefix subnet = parsed.get();
        if (subnet.isIpv6() && !ipv6) {
            return; // not used
        }
        if (!subnet.equals(subnet.network())) {
            errors.add("invalid subnet " + text + ": it should be " + subnet.network());
        }
        range(orEmpty(config.ipRange()), subnet);
        String gateway = orEmpty(config.gateway());
        if (!gateway.isEmpty()) {
            address(gateway, subnet).ifPresent(wrong -> errors.add("invalid gateway " + gateway + ": " + wrong));
        }
        Map<String, String> others = config.auxiliaryAddresses();
        new TreeMap<>(others == null ? Map.of() : others)
                .forEach((name, other) -> address(other, subnet)
                        .ifPresent(wrong -> errors.add("invalid auxiliary address " + name + ": " + wrong)));
    }

    private void range(String text, IpPrefix subnet) {
        if (text.isEmpty()) {
            return;
        }
        Optional<IpPrefix> parsed = prefix(text);
        String what = "invalid ip-range " + text + ": ";
        if (parsed.isEmpty()) {
            errors.add(what + BAD_CIDR);
            return;
        }
        IpPrefix range = parsed.get();
        if (range.isIpv4() != subnet.isIpv4()) {
            errors.add(what + "parent subnet is an " + (subnet.isIpv4() ? "IPv4" : "IPv6") + " block");
            return;
        }
        if (range.length() < subnet.length()) {
            errors.add(what + "CIDR block is bigger than its parent subnet " + subnet);
        }
        if (!range.equals(range.network())) {
            errors.add(what + "it should be " + range.network());
        }
        if (!subnet.contains(range.address())) {
            errors.add(what + "parent subnet " + subnet + " doesn't contain ip-range");
        }
    }

    private static Optional<String> address(String text, IpPrefix subnet) {
        Optional<InetAddress> parsed = literal(text);
        if (parsed.isEmpty()) {
            return Optional.of(BAD_ADDRESS);
        }
        return subnet.contains(parsed.get())
                ? Optional.empty()
                : Optional.of("parent subnet " + subnet + " doesn't contain this address");
    }

    static Optional<IpPrefix> prefix(String text) {
        try {
            return Optional.of(IpPrefix.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** An address, never a name. */
    static Optional<InetAddress> literal(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
