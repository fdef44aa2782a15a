package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Networks as programs in containers, on the host and on a neighbouring host see them. */
@CompatTest
class NetworksIT {
    private static final String LABEL = "berth.test=networks";
    private static final Duration LIMIT = Duration.ofSeconds(15);
    /** A web server on port 80 that tells each client the address it came from. */
    private static final String[] WHO_ARE_YOU = server(80, "you are $REMOTE_ADDR");
    /** The host's perl, for protocols that busybox does not speak. */
    private static final String[] WITH_PERL = {
        "-v", "/usr:/usr:ro", "-v", "/lib:/lib:ro", "-v", "/lib64:/lib64:ro", Target.IMAGE, "perl", "-e"
    };

    private static final String UDP_ECHO =
            "use IO::Socket; my $s = IO::Socket::INET->new(LocalPort => 53, Proto => 'udp')"
                    + " or die $!; my $m; while (defined $s->recv($m, 1500)) { $s->send($m) }";
    private static final String UDP_ASK = "use IO::Socket; $SIG{ALRM} = sub { die 'no answer' }; alarm 3;"
            + " my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Proto => 'udp') or die $!;"
            + " my $m; $s->send('hello'); $s->recv($m, 1500); print $m";

    private final Target target;

    NetworksIT(Target target) {
        this.target = target;
    }

    @AfterEach
    void removeEverything() {
        target.removeContainers(LABEL);
        target.docker()
                .ok("network", "ls", "-q", "--filter", "type=custom")
                .lines()
                .forEach(id -> target.docker().run("network", "rm", id));
    }

    private String docker(String... arguments) {
        return target.docker().ok(arguments);
    }

    private void run(String name, String... arguments) {
        String _ = docker(Stream.concat(Stream.of("run", "-d", "--label", LABEL, "--name", name), Stream.of(arguments))
                .toArray(String[]::new));
    }

    private String exec(String container, String... command) {
        return target.docker()
                .ok(Stream.concat(Stream.of("exec", container), Stream.of(command))
                        .toArray(String[]::new));
    }

    private Outcome tryExec(String container, String... command) {
        return target.docker()
                .run(Stream.concat(Stream.of("exec", container), Stream.of(command))
                        .toArray(String[]::new));
    }

    /** Runs a program on the daemon's host. */
    private Outcome onHost(String... command) {
        List<String> all = new ArrayList<>(target.inNamespace());
        all.addAll(List.of(command));
        return Running.run(all, Map.of(), new byte[0], LIMIT);
    }

    private static String[] server(int port, String text) {
        return new String[] {
            "sh",
            "-c",
            "b=${BASE:-/tmp}/$0; d=$b/cgi-bin; mkdir -p $d; printf '#!/bin/sh\\necho; echo \"%s\"' \"$1\" >$d/ask; chmod 755 $d/ask;"
                    + " exec busybox httpd -f -p $0 -h $b",
            Integer.toString(port),
            text
        };
    }

    private static String[] ask(String address, int port) {
        String host = address.contains(":") ? "[" + address + "]" : address;
        return new String[] {"busybox", "wget", "-q", "-T", "2", "-O-", "http://" + host + ":" + port + "/cgi-bin/ask"};
    }

    /** A server listens a moment after its container runs. */
    private void awaitServer(String container) {
        Eventually.holds(
                LIMIT, () -> tryExec(container, ask("127.0.0.1", 80)).exitCode() == 0, () -> docker("logs", container));
    }

    private static String[] with(String[] first, String... rest) {
        return Stream.concat(Stream.of(first), Stream.of(rest)).toArray(String[]::new);
    }

    private static void listening(Outcome answer, String expected) {
        assertThat(answer.out().strip()).as(answer.toString()).isEqualTo(expected);
    }

    private String address(String container) {
        return docker("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container);
    }

    @Test
    void containersFindEachOtherByNameAliasAndId() {
        docker("network", "create", "net-one");
        run(
                "web",
                "--network",
                "net-one",
                "--network-alias",
                "www",
                "--hostname",
                "backend",
                Target.IMAGE,
                "httpd",
                "-f",
                "-p",
                "80");
        run("client", "--network", "net-one", Target.IMAGE, "sleep", "1000");
        String id = docker("inspect", "-f", "{{slice .Id 0 12}}", "web");
        for (String name : List.of("web", "www", "WWW", "backend", id, "web.net-one")) {
            assertThat(exec("client", "nslookup", name, "127.0.0.11")).as(name).contains(address("web"));
            assertThat(tryExec("client", "wget", "-q", "-O-", "http://" + name + "/")
                            .err())
                    .contains("404 Not Found");
        }
        assertThat(exec("client", "nslookup", address("web"), "127.0.0.11")).contains("web.net-one");
        assertThat(tryExec("client", "nslookup", "nobody-of-this-name", "127.0.0.11")
                        .exitCode())
                .isEqualTo(1);
    }

    /** The network that comes first by name is the way out, whichever was connected first. */
    @Test
    void theDefaultRouteIsRightInEveryOrderOfConnections() {
        List<String> networks = List.of("way-a", "way-m", "way-z");
        for (int i = 0; i < networks.size(); i++) {
            docker(
                    "network",
                    "create",
                    "--ipv6",
                    "--subnet",
                    "10.77." + i + ".0/24",
                    "--subnet",
                    "fd00:77:" + (i + 1) + "::/64",
                    networks.get(i));
        }
        for (List<Integer> order : List.of(
                List.of(0, 1, 2),
                List.of(0, 2, 1),
                List.of(1, 0, 2),
                List.of(1, 2, 0),
                List.of(2, 0, 1),
                List.of(2, 1, 0))) {
            run("traveller", "--network", networks.get(order.getFirst()), Target.IMAGE, "sleep", "1000");
            SortedSet<Integer> connected = new TreeSet<>(Set.of(order.getFirst()));
            wayOut(connected, order);
            for (int next : order.subList(1, 3)) {
                docker("network", "connect", networks.get(next), "traveller");
                connected.add(next);
                wayOut(connected, order);
            }
            for (int gone : order.subList(0, 2)) {
                docker("network", "disconnect", networks.get(gone), "traveller");
                connected.remove(gone);
                wayOut(connected, order);
            }
            docker("rm", "-f", "traveller");
        }
    }

    private void wayOut(SortedSet<Integer> connected, List<Integer> order) {
        int network = connected.getFirst();
        assertThat(exec("traveller", "sh", "-c", "ip route; ip -6 route")
                        .lines()
                        .filter(line -> line.startsWith("default"))
                        .map(line -> line.split(" ")[2]))
                .as("connected in the order %s, now to %s", order, connected)
                .containsExactly("10.77." + network + ".1", "fd00:77:" + (network + 1) + "::1");
        assertThat(tryExec("traveller", "ping", "-c", "1", "-W", "5", "10.77." + network + ".1")
                        .exitCode())
                .isZero();
    }

    @Test
    void aNameOfSeveralContainersHasAllTheirAddresses() {
        docker("network", "create", "net-one");
        run("one", "--network", "net-one", "--network-alias", "web", Target.IMAGE, "sleep", "1000");
        run("two", "--network", "net-one", "--network-alias", "web", Target.IMAGE, "sleep", "1000");
        assertThat(exec("one", "nslookup", "web", "127.0.0.11")).contains(address("one"), address("two"));
        docker("rm", "-f", "two");
        assertThat(exec("one", "nslookup", "web", "127.0.0.11").split("Address: "))
                .hasSize(2);
    }

    @Test
    void namesFollowConnectionsAndNamesOfContainers() {
        docker("network", "create", "net-one");
        run("one", "--network", "net-one", Target.IMAGE, "sleep", "1000");
        run("two", Target.IMAGE, "sleep", "1000");
        assertThat(tryExec("one", "nslookup", "two", "127.0.0.11").exitCode()).isNotZero();
        docker("network", "connect", "--alias", "other", "net-one", "two");
        exec("one", "nslookup", "two", "127.0.0.11");
        exec("one", "ping", "-c", "1", "-W", "2", "other");
        exec("two", "ping", "-c", "1", "-W", "2", "one");
        docker("rename", "two", "three");
        exec("one", "ping", "-c", "1", "-W", "2", "three");
        assertThat(tryExec("one", "nslookup", "two", "127.0.0.11").exitCode()).isNotZero();
        docker("network", "disconnect", "net-one", "three");
        assertThat(tryExec("one", "nslookup", "three", "127.0.0.11").exitCode()).isNotZero();
    }

    @Test
    void theDefaultBridgeKnowsNoNamesButLinks() {
        run("one", Target.IMAGE, "sleep", "1000");
        run("two", "--link", "one:db", Target.IMAGE, "sleep", "1000");
        exec("two", "ping", "-c", "1", "-W", "2", "db");
        exec("two", "ping", "-c", "1", "-W", "2", "one");
        exec("one", "ping", "-c", "1", "-W", "2", address("two"));
        assertThat(exec("one", "cat", "/etc/resolv.conf")).doesNotContain("127.0.0.11");
    }

    @Test
    void networksDoNotReachEachOther() {
        docker("network", "create", "net-one");
        docker("network", "create", "net-two");
        run("one", "--network", "net-one", Target.IMAGE, "sleep", "1000");
        run("two", with(new String[] {"--network", "net-two", Target.IMAGE}, WHO_ARE_YOU));
        assertThat(tryExec("one", "ping", "-c", "1", "-W", "1", address("two")).exitCode())
                .isNotZero();
        assertThat(tryExec("one", ask(address("two"), 80)).out()).isEmpty();
        docker("network", "connect", "net-two", "one");
        assertThat(exec("one", ask("two", 80))).startsWith("you are ");
    }

    @Test
    void publishedPortsAreReachedFromEverywhere() {
        docker("network", "create", "net-one");
        run("web", with(new String[] {"-p", "8080:80", Target.IMAGE}, WHO_ARE_YOU));
        run("peer", Target.IMAGE, "sleep", "1000");
        run("stranger", "--network", "net-one", Target.IMAGE, "sleep", "1000");
        String gateway = docker("network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", "bridge");
        assertThat(onHost(ask("127.0.0.1", 8080)).out()).startsWith("you are ");
        assertThat(onHost(ask(gateway, 8080)).out()).startsWith("you are ");
        assertThat(exec("peer", ask(gateway, 8080))).startsWith("you are ");
        assertThat(exec("web", ask(gateway, 8080))).as("by itself").startsWith("you are ");
        try (NeighbourHost neighbour = NeighbourHost.of(target.inNamespace())) {
            assertThat(neighbour.run(ask(NeighbourHost.DAEMON, 8080)).out())
                    .as("the client's address arrives")
                    .contains(NeighbourHost.ADDRESS);
            assertThat(exec("stranger", ask(NeighbourHost.DAEMON, 8080)))
                    .as("from another network, through the host's address")
                    .startsWith("you are ");
        }
        docker("stop", "-t", "0", "web");
        assertThat(onHost(ask("127.0.0.1", 8080)).exitCode()).isNotZero();
    }

    @Test
    @BerthOnly // Docker 26 lets them through
    void onlyPublishedPortsAreReachedFromOutside() {
        run("web", with(new String[] {"-p", "127.0.0.1:8080:80", Target.IMAGE}, WHO_ARE_YOU));
        try (NeighbourHost neighbour = NeighbourHost.of(target.inNamespace())) {
            neighbour.ok("ip", "route", "add", "172.16.0.0/12", "via", NeighbourHost.DAEMON);
            assertThat(neighbour.run(ask(NeighbourHost.DAEMON, 8080)).out()).isEmpty();
            neighbour.ok("ip", "route", "add", "127.0.0.0/8", "via", NeighbourHost.DAEMON, "table", "100");
            assertThat(neighbour.run(ask(address("web"), 80)).out())
                    .as("by the container's own address")
                    .isEmpty();
        }
        assertThat(onHost(ask("127.0.0.1", 8080)).out()).startsWith("you are ");
        assertThat(onHost(ask(address("web"), 80)).out())
                .as("the host itself may")
                .startsWith("you are ");
    }

    @Test
    void udpIsPublished() {
        run("echo", with(new String[] {"-p", "5353:53/udp"}, with(WITH_PERL, UDP_ECHO)));
        for (String address : List.of("127.0.0.1", NeighbourHost.DAEMON)) {
            try (NeighbourHost neighbour = NeighbourHost.of(target.inNamespace())) {
                String[] client = {"perl", "-e", UDP_ASK, address, "5353"};
                Eventually.holds(
                        LIMIT,
                        () -> onHost(client).out().equals("hello"),
                        () -> onHost(client).toString());
                if (!address.equals("127.0.0.1")) {
                    listening(neighbour.run(client), "hello");
                }
            }
        }
    }

    @Test
    void rangesOfPortsArePublished() {
        run("one", "-p", "9000-9002:80-82", Target.IMAGE, "sleep", "1000");
        for (int port = 80; port < 83; port++) {
            docker(with(new String[] {"exec", "-d", "one"}, server(port, Integer.toString(port))));
        }
        for (int i = 0; i < 3; i++) {
            String expected = Integer.toString(80 + i);
            String[] client = ask("127.0.0.1", 9000 + i);
            Eventually.holds(
                    LIMIT,
                    () -> onHost(client).out().strip().equals(expected),
                    () -> onHost(client).toString());
        }
        assertThat(docker("port", "one").lines().filter(line -> line.contains("0.0.0.0")))
                .containsExactly("80/tcp -> 0.0.0.0:9000", "81/tcp -> 0.0.0.0:9001", "82/tcp -> 0.0.0.0:9002");
    }

    @Test
    void portsThatNobodyNamesAreChosen() {
        run("one", with(new String[] {"-P", "--expose", "80", Target.IMAGE}, server(80, "one")));
        run("two", with(new String[] {"-p", "80", Target.IMAGE}, server(80, "two")));
        for (String name : List.of("one", "two")) {
            int port = Integer.parseInt(docker("port", name, "80/tcp")
                    .lines()
                    .findFirst()
                    .orElseThrow()
                    .split(":")[1]);
            listening(onHost(ask("127.0.0.1", port)), name);
        }
    }

    @Test
    void ipv6Works() {
        docker("network", "create", "--ipv6", "--subnet", "fd00:5::/64", "net-one");
        run("web", with(new String[] {"--network", "net-one", "-p", "8080:80", Target.IMAGE}, server(80, "hello")));
        run("client", "--network", "net-one", Target.IMAGE, "sleep", "1000");
        String address =
                docker("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.GlobalIPv6Address}}{{end}}", "web");
        listening(tryExec("client", ask(address, 80)), "hello");
        assertThat(exec("client", "nslookup", "web", "127.0.0.11")).contains(address);
        try (NeighbourHost neighbour = NeighbourHost.of(target.inNamespace())) {
            String[] client = ask(NeighbourHost.DAEMON_IPV6, 8080);
            // A link that has just been made needs a second until it speaks IPv6.
            Eventually.holds(
                    LIMIT,
                    () -> neighbour.run(client).out().strip().equals("hello"),
                    () -> neighbour.run(client).toString());
        }
    }

    @Test
    @BerthOnly // Docker 26 lets them through
    void onlyPublishedPortsAreReachedFromOutsideByIpv6() {
        docker("network", "create", "--ipv6", "--subnet", "fd00:5::/64", "net-one");
        run("web", with(new String[] {"--network", "net-one", "-p", "[::1]:8080:80", Target.IMAGE}, WHO_ARE_YOU));
        try (NeighbourHost neighbour = NeighbourHost.of(target.inNamespace())) {
            neighbour.ok("ip", "route", "add", "fd00:5::/64", "via", NeighbourHost.DAEMON_IPV6);
            String address =
                    docker("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.GlobalIPv6Address}}{{end}}", "web");
            assertThat(neighbour.run(ask(address, 80)).out())
                    .as("by the container's own address")
                    .isEmpty();
            assertThat(neighbour.run(ask(NeighbourHost.DAEMON_IPV6, 8080)).out())
                    .isEmpty();
        }
    }

    @Test
    void internalNetworksLeadNowhere() {
        docker("network", "create", "--internal", "net-one");
        docker("network", "create", "net-two");
        run("one", with(new String[] {"--network", "net-one", "-p", "8080:80", Target.IMAGE}, WHO_ARE_YOU));
        run("two", "--network", "net-one", Target.IMAGE, "sleep", "1000");
        run("three", "--network", "net-two", Target.IMAGE, "sleep", "1000");
        assertThat(exec("two", ask("one", 80))).as("each other").startsWith("you are ");
        assertThat(onHost(ask("127.0.0.1", 8080)).out()).as("not published").isEmpty();
        assertThat(exec("one", "ip", "route")).doesNotContain("default");
        try (NeighbourHost neighbour = NeighbourHost.of(target.inNamespace())) {
            String gateway = address("one").replaceFirst("\\d+$", "1");
            assertThat(exec("three", "ping", "-c", "1", "-W", "2", NeighbourHost.ADDRESS))
                    .contains("1 packets received");
            run("four", "--network", "net-one", "--cap-add", "NET_ADMIN", Target.IMAGE, "sleep", "1000");
            exec("four", "ip", "route", "add", "default", "via", gateway);
            assertThat(tryExec("four", "ping", "-c", "1", "-W", "1", NeighbourHost.ADDRESS)
                            .exitCode())
                    .isNotZero();
            neighbour.ok("ip", "route", "add", "172.16.0.0/12", "via", NeighbourHost.DAEMON);
            assertThat(neighbour.run(ask(address("one"), 80)).out()).isEmpty();
        }
    }

    @Test
    void containersReachOutsideWithTheHostsAddress() {
        run("one", Target.IMAGE, "sleep", "1000");
        try (NeighbourHost neighbour = NeighbourHost.of(target.inNamespace());
                Running server = neighbour.start(Map.of("BASE", target.scratch().toString()), WHO_ARE_YOU)) {
            Eventually.holds(
                    LIMIT,
                    () -> tryExec("one", ask(NeighbourHost.ADDRESS, 80)).out().contains(NeighbourHost.DAEMON),
                    server::outUntilNow);
        }
    }

    @Test
    void aNetworkIsSharedWithAnotherContainer() {
        run("one", with(new String[] {Target.IMAGE}, WHO_ARE_YOU));
        run("two", "--network", "container:one", Target.IMAGE, "sleep", "1000");
        assertThat(exec("two", ask("127.0.0.1", 80))).contains("127.0.0.1");
        assertThat(exec("two", "ip", "-o", "-4", "addr", "show", "eth0")).contains(address("one"));
        assertThat(exec("two", "cat", "/etc/hosts")).contains(address("one"));
    }

    @Test
    void aContainerThatIsConnectedWhileItRunsIsReached() {
        docker("network", "create", "net-one");
        run("one", with(new String[] {"-p", "8080:80", Target.IMAGE}, WHO_ARE_YOU));
        docker("network", "connect", "net-one", "one");
        docker("network", "disconnect", "bridge", "one");
        assertThat(onHost(ask("127.0.0.1", 8080)).out())
                .as("published through what is left")
                .startsWith("you are ");
        assertThat(exec("one", "ip", "route")).contains("default via ");
        docker("network", "disconnect", "net-one", "one");
        assertThat(exec("one", "ip", "-o", "link")).doesNotContain("eth");
        docker("network", "connect", "bridge", "one");
        assertThat(onHost(ask("127.0.0.1", 8080)).out()).startsWith("you are ");
    }

    @Test
    void aContainerCanBeANameServerItself() {
        docker("network", "create", "net-one");
        run("one", with(new String[] {"--network", "net-one"}, with(WITH_PERL, UDP_ECHO)));
        Eventually.holds(
                LIMIT,
                () -> exec("one", "busybox", "netstat", "-lnu").contains(" 0.0.0.0:53 "),
                () -> docker("logs", "one"));
        exec("one", "busybox", "nslookup", "one", "127.0.0.11");
    }

    @Test
    void everythingIsBackAfterAContainerRestarts() {
        docker("network", "create", "--subnet", "10.77.0.0/24", "net-one");
        run(
                "one",
                with(
                        new String[] {"--network", "net-one", "--ip", "10.77.0.9", "-p", "8080:80", Target.IMAGE},
                        WHO_ARE_YOU));
        for (int i = 0; i < 3; i++) {
            docker("restart", "-t", "0", "one");
            assertThat(address("one")).isEqualTo("10.77.0.9");
            awaitServer("one");
            assertThat(onHost(ask("127.0.0.1", 8080)).out()).startsWith("you are ");
        }
    }

    @Test
    @BerthOnly
    void networksOutliveTheEngine() {
        docker("network", "create", "--subnet", "10.77.0.0/24", "net-one");
        run(
                "one",
                with(
                        new String[] {"--network", "net-one", "--network-alias", "web", "-p", "8080:80", Target.IMAGE},
                        WHO_ARE_YOU));
        run("two", "--network", "net-one", Target.IMAGE, "sleep", "1000");
        target.berth().kill("engine");
        assertThat(onHost(ask("127.0.0.1", 8080)).out())
                .as("while no engine runs")
                .startsWith("you are ");
        target.berth().up();
        assertThat(onHost(ask("127.0.0.1", 8080)).out()).startsWith("you are ");
        assertThat(exec("two", ask("web", 80))).startsWith("you are ");
        run("three", "--network", "net-one", Target.IMAGE, "sleep", "1000");
        assertThat(List.of(address("one"), address("two"), address("three")))
                .containsExactly("10.77.0.2", "10.77.0.3", "10.77.0.4");
        exec("one", "ping", "-c", "1", "-W", "2", "three");
        assertThat(target.docker()
                        .run("run", "--rm", "--label", LABEL, "-p", "8080:80", Target.IMAGE, "true")
                        .err())
                .contains("port is already allocated");
        docker("rm", "-f", "one");
        assertThat(onHost(ask("127.0.0.1", 8080)).exitCode()).isNotZero();
    }

    @Test
    @BerthOnly
    void aFlushOfTheRulesetByOthersOpensNothing() {
        run("one", with(new String[] {"-p", "8080:80", Target.IMAGE}, WHO_ARE_YOU));
        try (NeighbourHost neighbour = NeighbourHost.of(target.inNamespace())) {
            neighbour.ok("ip", "route", "add", "172.16.0.0/12", "via", NeighbourHost.DAEMON);
            onHost("nft", "flush", "ruleset").ok();
            assertThat(neighbour.run(ask(address("one"), 80)).out()).isEmpty();
            assertThat(neighbour.run(ask(NeighbourHost.DAEMON, 8080)).out()).startsWith("you are ");
        }
    }

    @Test
    @BerthOnly
    void theAdministratorsRulesComeFirst() {
        run("one", with(new String[] {"-p", "8080:80", Target.IMAGE}, WHO_ARE_YOU));
        try (NeighbourHost neighbour = NeighbourHost.of(target.inNamespace())) {
            String[] client = ask(NeighbourHost.DAEMON, 8080);
            assertThat(neighbour.run(client).out()).startsWith("you are ");
            onHost("nft", "add", "rule", "inet", "berth-admin", "forward", "ip", "saddr", NeighbourHost.ADDRESS, "drop")
                    .ok();
            assertThat(neighbour.run(client).out()).isEmpty();
            docker("network", "create", "net-one");
            assertThat(neighbour.run(client).out())
                    .as("after a change of networks")
                    .isEmpty();
        } finally {
            onHost("nft", "flush", "chain", "inet", "berth-admin", "forward").ok();
        }
    }

    @Test
    @BerthOnly
    void neighboursDoNotReachTheHostsLoopback() {
        run("one", with(new String[] {"-p", "8080:80", Target.IMAGE}, WHO_ARE_YOU));
        try (NeighbourHost neighbour = NeighbourHost.of(target.inNamespace())) {
            // What a neighbour can do that controls its own stack: send packets for 127.0.0.1 over the wire.
            neighbour.ok("sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet");
            neighbour.ok("ip", "addr", "del", "127.0.0.1/8", "dev", "lo");
            neighbour.ok("ip", "route", "add", "127.0.0.1", "via", NeighbourHost.DAEMON);
            int gateway = target.berth().port();
            assertThat(neighbour
                            .run("busybox", "wget", "-q", "-T", "2", "-O-", "http://127.0.0.1:" + gateway + "/_ping")
                            .out())
                    .isEmpty();
        }
        run("two", "--cap-add", "NET_ADMIN", Target.IMAGE, "sleep", "1000");
        exec(
                "two",
                "sh",
                "-c",
                "ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.1 via $(ip route | sed -n"
                        + " 's/default via \\([^ ]*\\).*/\\1/p')");
        assertThat(tryExec(
                                "two",
                                "wget",
                                "-q",
                                "-T",
                                "2",
                                "-O-",
                                "http://127.0.0.1:" + target.berth().port() + "/_ping")
                        .out())
                .isEmpty();
    }

    @Test
    @BerthOnly
    void portsOfARunningContainerAreChanged() {
        run("one", with(new String[] {"-p", "8080:80", Target.IMAGE}, WHO_ARE_YOU));
        Eventually.holds(LIMIT, () -> onHost(ask("127.0.0.1", 8080)).exitCode() == 0, () -> docker("logs", "one"));
        assertThat(target.http()
                        .post("/containers/one/update", "{\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"8081\"}]}}")
                        .status())
                .isEqualTo(200);
        assertThat(onHost(ask("127.0.0.1", 8081)).out()).startsWith("you are ");
        assertThat(onHost(ask("127.0.0.1", 8080)).exitCode()).isNotZero();
        docker("restart", "-t", "0", "one");
        Eventually.holds(LIMIT, () -> onHost(ask("127.0.0.1", 8081)).exitCode() == 0, () -> docker("logs", "one"));
    }

    @Test
    void containersThatAreSeparatedReachEachOtherByLinksOnly() {
        docker("network", "create", "-o", "com.docker.network.bridge.enable_icc=false", "net-one");
        run("one", with(new String[] {"--network", "net-one", "-p", "8080:80", Target.IMAGE}, WHO_ARE_YOU));
        run("two", "--network", "net-one", Target.IMAGE, "sleep", "1000");
        assertThat(tryExec("two", ask(address("one"), 80)).out()).isEmpty();
        assertThat(tryExec("two", "ping", "-c", "1", "-W", "1", address("one")).exitCode())
                .isNotZero();
        Eventually.holds(LIMIT, () -> onHost(ask("127.0.0.1", 8080)).exitCode() == 0, () -> docker("logs", "one"));
    }

    @Test
    void aContainerThatMayRouteIsLetThrough() {
        docker("network", "create", "--subnet", "10.77.0.0/24", "net-one");
        run("one", "--network", "net-one", "--cap-add", "NET_ADMIN", Target.IMAGE, "sleep", "1000");
        run("two", "--network", "net-one", Target.IMAGE, "sleep", "1000");
        exec("one", "ip", "addr", "add", "10.77.0.99/24", "dev", "eth0");
        exec("two", "ping", "-c", "1", "-W", "2", "10.77.0.99");
    }
}
