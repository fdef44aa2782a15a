package io.berth.compat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Another host on a wire with the daemon's: a network namespace, and a pair of links between the two. Closing it takes all of it
 * away.
 */
final class NeighbourHost implements AutoCloseable {
    /** The daemon's end of the wire. */
    static final String DAEMON = "192.0.2.1";

    static final String DAEMON_IPV6 = "2001:db8::1";
    /** This host's end. */
    static final String ADDRESS = "192.0.2.2";

    static final String ADDRESS_IPV6 = "2001:db8::2";

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Running namespace;
    private final List<String> daemonSide;

    private NeighbourHost(Running namespace, List<String> daemonSide) {
        this.namespace = namespace;
        this.daemonSide = daemonSide;
    }

    /**
     * @param daemonSide command prefix that runs a program in the daemon's network namespace
     */
    static NeighbourHost of(List<String> daemonSide) {
        Running namespace = Running.start(
                List.of("unshare", "--net", "--", "sh", "-c", "ip link set lo up && echo up && exec sleep infinity"),
                Map.of());
        Eventually.holds(LIMIT, () -> namespace.outUntilNow().contains("up"), () -> "no network namespace");
        NeighbourHost host = new NeighbourHost(namespace, List.copyOf(daemonSide));
        try {
            host.wire();
            return host;
        } catch (AssertionError e) {
            host.close();
            throw e;
        }
    }

    private void wire() {
        onDaemonSide(
                "ip",
                "link",
                "add",
                "wire",
                "type",
                "veth",
                "peer",
                "name",
                "wire",
                "netns",
                Long.toString(namespace.pid()));
        addresses(this::onDaemonSide, DAEMON, DAEMON_IPV6);
        addresses(this::ok, ADDRESS, ADDRESS_IPV6);
    }

    private interface Side {
        String ok(String... command);
    }

    private static void addresses(Side side, String ipv4, String ipv6) {
        side.ok("ip", "addr", "add", ipv4 + "/24", "dev", "wire");
        side.ok("ip", "addr", "add", ipv6 + "/64", "dev", "wire", "nodad");
        side.ok("ip", "link", "set", "wire", "up");
    }

    private String onDaemonSide(String... command) {
        return run(daemonSide, command).ok();
    }

    /** Runs a program on this host. */
    Outcome run(String... command) {
        return run(inside(), command);
    }

    /** Starts a program on this host. */
    Running start(Map<String, String> environment, String... command) {
        List<String> all = new ArrayList<>(inside());
        all.addAll(List.of(command));
        return Running.start(all, environment);
    }

    private List<String> inside() {
        return List.of("nsenter", "--net=/proc/" + namespace.pid() + "/ns/net", "--");
    }

    /** Runs a program on this host, which must succeed. */
    String ok(String... command) {
        return run(command).ok();
    }

    private static Outcome run(List<String> prefix, String... command) {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(List.of(command));
        return Running.run(all, Map.of(), new byte[0], LIMIT);
    }

    @Override
    public void close() {
        namespace.close();
    }
}
