package io.berth.engine.network;

import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.network.Ipam;
import io.berth.docker.network.Ipam.IpamConfig;
import io.berth.docker.network.NetworkCreateRequest;
import io.berth.linux.netlink.IpPrefix;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Creates networks (moby: daemon/network.go, libnetwork/controller.go). */
@Component
public final class CreateNetwork {
    private static final String DEFAULT_IPAM = "default";
    private static final Set<String> DRIVERS = Set.of(NetworkSpec.BRIDGE, "macvlan", "ipvlan");
    private static final Set<String> PREDEFINED = Set.of("bridge", "host", "none", "default");
    private static final Set<String> SINGLE = Set.of(NetworkSpec.HOST, NetworkSpec.NULL);
    private static final String NO_SWARM =
            "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm"
                    + " join\" to connect this node to swarm and try again.";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Networks networks;
    private final SubnetChoice subnets;
    private final SubnetRules rules;

    CreateNetwork(Networks networks, SubnetChoice subnets, SubnetRules rules) {
        this.networks = networks;
        this.subnets = subnets;
        this.rules = rules;
    }

    /**
     * A network that has been created.
     *
     * @param warning what its user should know; empty for nothing
     */
    public record Created(Network network, String warning) {}

    /**
     * Creates a network and returns when it is on disk.
     *
     * @throws InvalidParameter when the request is wrong
     * @throws Forbidden when a subnet is in use or may not be chosen, or the network one that cannot be created
     * @throws NotFound when there is no such driver
     * @throws io.berth.docker.error.Conflict when the name is in use
     */
    public Created create(NetworkCreateRequest request) {
        String name = request.name() == null ? "" : request.name();
        if (PREDEFINED.contains(name)) {
            throw new Forbidden("operation is not permitted on predefined " + name + " network ");
        }
        if (name.isBlank()) {
            throw new InvalidParameter("invalid name: " + name);
        }
        boolean ipv6 = Boolean.TRUE.equals(request.enableIpv6());
        boolean ipv4 = !Boolean.FALSE.equals(request.enableIpv4());
        if (!ipv4 && !ipv6) {
            throw new InvalidParameter("IPv4 or IPv6 must be enabled");
        }
        IpamCheck.check(configs(request.ipam()), ipv6);
        checkDriver(request);
        if (request.configOnly()) {
            refuseOperation(request);
        }
        List<String> warnings = new ArrayList<>();
        Network network = networks.add(all -> {
            all.refuseSameName(name);
            NetworkCreateRequest effective = withConfiguration(request);
            Ipam wanted = effective.ipam() == null ? new Ipam(DEFAULT_IPAM, null, null) : effective.ipam();
            NetworkSpec spec = spec(name, effective, wanted, ipv4, ipv6);
            if (!spec.userSubnets().isEmpty()) {
                warnings.addAll(rules.check(spec, all.hostUses()));
            }
            return spec;
        });
        return new Created(network, String.join("; ", warnings));
    }

    private static void checkDriver(NetworkCreateRequest request) {
        String driver = driver(request);
        if (SINGLE.contains(driver)) {
            throw new Forbidden("only one instance of \"" + driver + "\" network is allowed");
        }
        if (driver.equals("overlay") || request.ingress() || "swarm".equals(request.scope())) {
            throw new Forbidden(NO_SWARM);
        }
        if (!DRIVERS.contains(driver)) {
            throw new NotFound("plugin \"" + driver + "\" not found");
        }
        Ipam ipam = request.ipam();
        if (ipam != null
                && ipam.driver() != null
                && !ipam.driver().isEmpty()
                && !ipam.driver().equals(DEFAULT_IPAM)) {
            throw new NotFound("plugin \"" + ipam.driver() + "\" not found");
        }
    }

    private static void refuseOperation(NetworkCreateRequest request) {
        if (request.internal()
                || request.attachable()
                || !orEmpty(request.scope()).isEmpty()) {
            throw new Forbidden(
                    "configuration network can only contain network specific fields. Network operator fields"
                            + " like [ ingress | internal | attachable | scope ] are not supported.");
        }
    }

    /** What it takes from a network that is nothing but a configuration. */
    private NetworkCreateRequest withConfiguration(NetworkCreateRequest request) {
        String from = configFrom(request);
        if (from.isEmpty()) {
            return request;
        }
        Network configuration = networks.byName(from)
                .orElseThrow(() -> new NotFound("configuration network \"" + from + "\" does not exist"));
        NetworkSpec spec = configuration.spec();
        if (!spec.configOnly()) {
            throw new Forbidden("network \"" + from + "\" is not a configuration network");
        }
        if (!configs(request.ipam()).isEmpty() || !orNone(request.options()).isEmpty()) {
            throw new Forbidden(
                    "user specified configurations are not supported if the network depends on a configuration network");
        }
        return new NetworkCreateRequest(
                request.name(),
                request.driver(),
                request.scope(),
                request.internal(),
                request.attachable(),
                request.ingress(),
                request.configOnly(),
                request.configFrom(),
                spec.ipam(),
                request.enableIpv4(),
                spec.enableIpv6(),
                spec.options(),
                request.labels());
    }

    private NetworkSpec spec(
            String name, NetworkCreateRequest request, Ipam wanted, boolean ipv4, boolean requestIpv6) {
        boolean ipv6 = requestIpv6 || Boolean.TRUE.equals(request.enableIpv6());
        List<String> chosen = new ArrayList<>();
        List<IpamConfig> pools =
                request.configOnly() ? List.of() : settle(configs(wanted), driver(request), ipv4, ipv6, chosen);
        List<IpamConfig> shown = new ArrayList<>(configs(wanted));
        pools.stream().filter(pool -> chosen.contains(pool.subnet())).forEach(shown::add);
        return new NetworkSpec(
                newId(),
                name,
                Instant.now(),
                orEmpty(request.scope()).isEmpty() ? "local" : orEmpty(request.scope()),
                request.configOnly() ? NetworkSpec.NULL : driver(request),
                request.internal(),
                request.attachable(),
                request.configOnly(),
                configFrom(request),
                ipv4,
                ipv6,
                new Ipam(DEFAULT_IPAM, wanted.options(), shown),
                pools,
                chosen,
                orNone(request.options()),
                orNone(request.labels()));
    }

    /** Subnets and gateways for all that the user leaves open, and none that another network has. */
    private List<IpamConfig> settle(
            List<IpamConfig> wanted, String driver, boolean ipv4, boolean ipv6, List<String> chosen) {
        List<IpPrefix> inUse = new ArrayList<>(networks.subnetsInUse(false));
        List<IpamConfig> settled = new ArrayList<>();
        for (IpamConfig config : wanted) {
            IpPrefix subnet = IpPrefix.parse(String.valueOf(config.subnet()));
            if (subnet.isIpv4() ? !ipv4 : !ipv6) {
                continue;
            }
            if (inUse.stream().anyMatch(subnet::overlaps)) {
                throw new Forbidden("Pool overlaps with other one on this address space");
            }
            inUse.add(subnet);
            settled.add(withGateway(config, subnet));
        }
        if (driver.equals(NetworkSpec.BRIDGE)) {
            refuseSeveral(settled);
        }
        for (boolean family : List.of(true, false)) {
            boolean present = settled.stream()
                    .anyMatch(config ->
                            IpPrefix.parse(String.valueOf(config.subnet())).isIpv4() == family);
            if ((family ? ipv4 : ipv6) && !present) {
                IpPrefix subnet = choose(family);
                chosen.add(subnet.toString());
                settled.add(withGateway(new IpamConfig(subnet.toString(), null, null, null), subnet));
            }
        }
        return settled;
    }

    /** A bridge has one subnet of each family (moby: bridge driver). */
    private static void refuseSeveral(List<IpamConfig> configs) {
        long ipv4 = configs.stream()
                .filter(config ->
                        IpPrefix.parse(String.valueOf(config.subnet())).isIpv4())
                .count();
        if (ipv4 > 1 || configs.size() - ipv4 > 1) {
            throw new Forbidden("bridge driver doesn't support multiple subnets");
        }
    }

    IpPrefix choose(boolean ipv4) {
        return subnets.first(ipv4, networks.subnetsInUse(true))
                .orElseThrow(() -> new NotFound("could not find an available, non-overlapping IPv" + (ipv4 ? 4 : 6)
                        + " address pool among the defaults to assign to the network"));
    }

    /** The gateway is the first address that containers could have, unless the user says otherwise. */
    static IpamConfig withGateway(IpamConfig config, IpPrefix subnet) {
        if (config.gateway() != null && !config.gateway().isEmpty()) {
            return config;
        }
        IpPrefix range = config.ipRange() == null ? subnet : IpPrefix.parse(config.ipRange());
        boolean startsSubnet = range.first().equals(subnet.first()) && subnet.bits() - subnet.length() > 1;
        InetAddress gateway = range.at(startsSubnet ? BigInteger.ONE : BigInteger.ZERO);
        return new IpamConfig(config.subnet(), config.ipRange(), IpPrefix.text(gateway), config.auxiliaryAddresses());
    }

    static String newId() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static String driver(NetworkCreateRequest request) {
        String driver = orEmpty(request.driver());
        return driver.isEmpty() ? NetworkSpec.BRIDGE : driver;
    }

    private static String configFrom(NetworkCreateRequest request) {
        return request.configFrom() == null ? "" : orEmpty(request.configFrom().network());
    }

    private static List<IpamConfig> configs(@Nullable Ipam ipam) {
        return ipam == null || ipam.config() == null ? List.of() : ipam.config();
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static Map<String, String> orNone(@Nullable Map<String, String> map) {
        return map == null ? Map.of() : map;
    }
}
