package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Two engines with their image services, in two network namespaces, behind one gateway: the stock client sees one Docker. */
@CompatTest
@BerthOnly
@OwnPlatform
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TwoNodesIT {
    private static final int PORT = 2380;
    private static final String REGISTRY = "192.0.2.1:" + PORT;
    private static final String COUNTING = "i=0; while true; do i=$((i+1)); echo line $i; sleep 0.1; done";
    private static final Duration SOON = Duration.ofSeconds(30);

    private final Target target;
    private BerthInstance berth;
    private DockerCli docker;
    private Running namespace;

    TwoNodesIT(Target target) {
        this.target = target;
    }

    @BeforeAll
    void start() {
        berth = BerthInstance.start(
                PORT,
                Map.of(
                        "BERTH_REGISTRY_ACCESS", "open",
                        "BERTH_GATEWAY_BIND_ADDRESS", "0.0.0.0",
                        "BERTH_IMAGE_INSECURE_REGISTRIES", REGISTRY));
        docker = berth.docker();
        Target.importImage(docker, target.rootFileSystem());
        namespace = Running.start(
                List.of("unshare", "--net", "--", "sh", "-c", "ip link set lo up && echo up && exec sleep infinity"),
                Map.of());
        Eventually.holds(SOON, () -> namespace.outUntilNow().contains("up"), () -> "no network namespace");
        connectNamespaces();
        nodeUp();
        assertThat(berth.launcher("node", "list").ok())
                .contains("local")
                .contains("n2")
                .contains("storage=ssd");
        // What was imported is where it was imported; what is loaded is everywhere.
        assertThat(docker.shell("docker save " + Target.IMAGE + " | docker load")
                        .ok())
                .contains("n2: Loaded image")
                .doesNotContain("failed", "left out");
    }

    /** By a pair of interfaces, over which the second node reaches the platform's registry. */
    private void connectNamespaces() {
        String here = "ip link add first type veth peer name second netns " + namespace.pid()
                + " && ip addr add 192.0.2.1/24 dev first && ip link set first up";
        String there = "ip addr add 192.0.2.2/24 dev second && ip link set second up";
        shell(berth.inNamespace(), here);
        shell(inside(), there);
    }

    private List<String> inside() {
        return List.of("nsenter", "--net=/proc/" + namespace.pid() + "/ns/net", "--");
    }

    private static void shell(List<String> prefix, String script) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("sh", "-c", script));
        Running.run(command, Map.of(), new byte[0], SOON).ok();
    }

    private void nodeUp() {
        berth.launcherIn(inside(), "up", "--node", "n2", "--label", "storage=ssd", "--no-build")
                .ok();
    }

    @AfterAll
    void stop() {
        if (berth != null) {
            berth.close();
            namespace.close();
            assertThat(processesThatName(berth.scratch())).isEmpty();
        }
    }

    @BeforeEach
    void bothNodesAnswer() {
        RawHttp http = new RawHttp(berth.socket());
        Eventually.holds(
                SOON,
                () -> Stream.of("local", "n2")
                        .allMatch(node -> http.get("/api/platform")
                                .json()
                                .at("/health/nodes/" + node + "/status")
                                .asString()
                                .equals("UP")),
                () -> http.get("/api/platform").body());
    }

    @AfterEach
    void removeContainers() {
        docker.ok("ps", "-aq").lines().forEach(id -> docker.run("rm", "-f", id));
    }

    // --- placement

    @Test
    void containersAreSpread() {
        for (int i = 1; i <= 4; i++) {
            run("spread" + i, List.of(), "sleep", "1000");
        }
        assertThat(nodesOf("spread1", "spread2", "spread3", "spread4"))
                .containsExactlyInAnyOrder("local", "local", "n2", "n2");
        assertThat(docker.ok("ps", "-q").lines()).hasSize(4);
        assertThat(docker.ok("ps", "-q", "--filter", "node=n2").lines()).hasSize(2);
        assertThat(docker.ok("ps", "-q", "--filter", "label=io.berth.node=local")
                        .lines())
                .hasSize(2);
        assertThat(docker.ok("info", "--format", "{{.ContainersRunning}} {{.DriverStatus}}"))
                .startsWith("4 ")
                .contains("[Nodes 2]");
    }

    @Test
    void constraintsAreKept() {
        run("on-a", List.of("--label", "io.berth.node.constraint=storage==ssd"), "sleep", "1000");
        run("on-b", List.of("-e", "constraint:storage!=ssd"), "sleep", "1000");
        run("on-c", List.of("--label", "io.berth.node=n2"), "sleep", "1000");
        run("on-d", List.of("--label", "io.berth.node=n2"), "sleep", "1000");
        assertThat(nodesOf("on-a", "on-b", "on-c", "on-d")).containsExactly("n2", "local", "n2", "n2");
        assertThat(docker.run("run", "-d", "--label", "io.berth.node=n3", Target.IMAGE, "true")
                        .exited(125)
                        .err())
                .contains("no active node satisfies the constraint node==n3");
    }

    @Test
    void containersFollowWhatTheyShare() {
        run("first", List.of("--label", "io.berth.node=n2", "-v", "shared:/data"), "sleep", "1000");
        docker.ok("exec", "first", "sh", "-c", "echo kept >/data/file");
        run("byvolume", List.of("-v", "shared:/data:ro"), "sleep", "1000");
        run("byfrom", List.of("--volumes-from", "first"), "sleep", "1000");
        run("bynet", List.of("--network", "container:first"), "sleep", "1000");
        assertThat(nodesOf("byvolume", "byfrom", "bynet")).containsExactly("n2", "n2", "n2");
        assertThat(docker.ok("exec", "byvolume", "cat", "/data/file")).isEqualTo("kept");
        assertThat(docker.ok("volume", "ls", "--format", "{{.Name}} {{.Label \"io.berth.node\"}}"))
                .isEqualTo("shared n2");
        assertThat(docker.run("run", "--label", "io.berth.node=local", "-v", "shared:/x", Target.IMAGE, "true")
                        .exited(125)
                        .err())
                .contains("volume shared is on n2");
        removeContainers();
        docker.ok("volume", "rm", "shared");
    }

    @Test
    void namesAreUniqueOverAllNodes() {
        run("one", List.of("--label", "io.berth.node=local"), "sleep", "1000");
        run("two", List.of("--label", "io.berth.node=n2"), "sleep", "1000");
        assertThat(docker.run("run", "--name", "one", "--label", "io.berth.node=n2", Target.IMAGE, "true")
                        .exited(125)
                        .err())
                .contains("Conflict. The container name \"/one\" is already in use by container");
        assertThat(docker.run("rename", "two", "one").exited(1).err()).contains("is already in use by container");
        docker.ok("rename", "two", "three");
        assertThat(docker.ok("exec", "three", "echo", "found")).isEqualTo("found");
        docker.ok("rm", "-f", "one");
        run("one", List.of("--label", "io.berth.node=n2"), "sleep", "1000");
        assertThat(nodesOf("one")).containsExactly("n2");
    }

    // --- following a container

    @Test
    void everythingFollowsTheContainer() throws IOException {
        String id = run("far", List.of("--label", "io.berth.node=n2"), "sh", "-c", COUNTING);
        assertThat(docker.ok("inspect", "--format", "{{.Node.Name}}", "far")).isEqualTo("n2");
        assertThat(docker.ok("inspect", "--format", "{{.Name}}", id.substring(0, 12)))
                .isEqualTo("/far");
        assertThat(docker.runWithInput("typed", "exec", "-i", id, "cat").ok()).isEqualTo("typed");
        assertThat(docker.runOnTerminal("", "exec", "-it", "far", "sh", "-c", "test -t 0 && echo terminal")
                        .ok())
                .contains("terminal");
        assertThat(docker.run("exec", "far", "sh", "-c", "exit 7").exitCode()).isEqualTo(7);
        try (Running logs = docker.start("logs", "-f", "far");
                Running attached = docker.start("attach", "--sig-proxy=false", "--no-stdin", "far")) {
            Eventually.holds(SOON, () -> logs.outUntilNow().contains("line 20\n"), logs::outUntilNow);
            Eventually.holds(SOON, () -> attached.outUntilNow().contains("line "), attached::errUntilNow);
        }
        Path file = Files.writeString(berth.scratch().resolve("file"), "content");
        docker.ok("cp", file.toString(), "far:/tmp/file");
        docker.ok("cp", "far:/tmp/file", berth.scratch().resolve("back").toString());
        assertThat(berth.scratch().resolve("back")).hasContent("content");
        assertThat(docker.ok("stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}}"))
                .contains("far ");
        assertThat(docker.ok("top", "far")).contains("sleep 0.1");
        assertThat(docker.ok("diff", "far")).contains("A /tmp/file");
        docker.ok("commit", "far", "two-nodes/committed:1");
        assertThat(docker.ok("run", "--rm", "two-nodes/committed:1", "cat", "/tmp/file"))
                .isEqualTo("content");
        docker.ok("rmi", "two-nodes/committed:1");
        docker.ok("stop", "-t", "0", "far");
        assertThat(docker.ok("wait", "far")).isEqualTo("137");
        assertThat(docker.run("exec", "nobody", "true").exited(1).err()).contains("No such container: nobody");
    }

    // --- what is shown as one

    @Test
    void networksAreOnEveryNode() {
        docker.ok("network", "create", "front");
        assertThat(docker.ok("network", "ls", "--format", "{{.Name}}").lines())
                .containsExactlyInAnyOrder("bridge", "host", "none", "front");
        run("here", List.of("--label", "io.berth.node=local", "--network", "front"), "sleep", "1000");
        run("there", List.of("--label", "io.berth.node=n2"), "sleep", "1000");
        docker.ok("network", "connect", "front", "there");
        assertThat(docker.ok("network", "inspect", "--format", "{{range .Containers}}{{.Name}} {{end}}", "front"))
                .contains("here")
                .contains("there");
        assertThat(docker.run("network", "rm", "front").exited(1).err()).contains("has active endpoints");
        docker.ok("network", "disconnect", "front", "there");
        docker.ok("network", "prune", "-f");
        assertThat(docker.ok("network", "ls", "-q", "--filter", "name=front")).isNotEmpty();
        docker.ok("network", "connect", "front", "there");
        removeContainers();
        assertThat(docker.ok("network", "prune", "-f")).contains("front");
        assertThat(docker.ok("network", "ls", "-q", "--filter", "name=front")).isEmpty();
    }

    @Test
    void reportsAreOfAllNodes() {
        docker.ok("run", "--name", "done-here", "--label", "io.berth.node=local", Target.IMAGE, "true");
        docker.ok("run", "--name", "done-there", "--label", "io.berth.node=n2", Target.IMAGE, "true");
        assertThat(docker.ok("images", "-q", Target.IMAGE).lines()).hasSize(1);
        assertThat(docker.ok("system", "df", "--format", "{{.Type}} {{.TotalCount}}"))
                .contains("Containers 2");
        assertThat(docker.ok("container", "prune", "-f").lines().filter(line -> line.matches("[0-9a-f]{64}")))
                .hasSize(2);
        assertThat(docker.ok("ps", "-aq")).isEmpty();
    }

    @Test
    void eventsAreOneStreamInOrder() {
        try (Running events = docker.start(
                "events",
                "--filter",
                "type=container",
                "--format",
                "{{.Action}} {{.Actor.Attributes.name}} {{index .Actor.Attributes \"io.berth.node\"}}")) {
            Eventually.holds(
                    SOON,
                    () -> {
                        docker.run("run", "--rm", "--name", "probe", Target.IMAGE, "true");
                        return events.outUntilNow().contains("probe");
                    },
                    events::errUntilNow);
            for (int i = 1; i <= 3; i++) {
                docker.ok("run", "--name", "l" + i, "--label", "io.berth.node=local", Target.IMAGE, "true");
                docker.ok("run", "--name", "f" + i, "--label", "io.berth.node=n2", Target.IMAGE, "true");
            }
            Eventually.holds(SOON, () -> events.outUntilNow().contains("die f3 n2"), events::outUntilNow);
            assertThat(events.outUntilNow().lines().filter(line -> line.matches("create [lf][1-3] .*")))
                    .containsExactly(
                            "create l1 local",
                            "create f1 n2",
                            "create l2 local",
                            "create f2 n2",
                            "create l3 local",
                            "create f3 n2");
        }
        List<Long> times = docker.ok("events", "--since", "5m", "--until", "0s", "--format", "{{.TimeNano}}")
                .lines()
                .map(Long::valueOf)
                .toList();
        assertThat(times).hasSizeGreaterThan(20).isSorted();
    }

    // --- images

    @Test
    void pullsReachEveryNodeAndBuildsOne() throws IOException {
        String name = REGISTRY + "/two/nodes:1";
        docker.ok("tag", Target.IMAGE, name);
        docker.ok("push", name);
        docker.ok("rmi", name);
        assertThat(docker.run("image", "inspect", name).exitCode()).isEqualTo(1);
        docker.ok("pull", name);
        for (String node : List.of("local", "n2")) {
            docker.ok("run", "--rm", "--pull", "never", "--label", "io.berth.node=" + node, name, "true");
        }
        docker.ok("rmi", name);
        Path context = Files.createDirectories(berth.scratch().resolve("context"));
        Files.writeString(context.resolve("Dockerfile"), "FROM " + Target.IMAGE + "\nRUN echo built >/built\n");
        docker.ok("build", "-t", "two-nodes/built:1", context.toString());
        docker.classic().ok("build", "-t", "two-nodes/built:2", context.toString());
        // Where the image is, whatever the strategy says.
        run("more", List.of("--label", "io.berth.node=local"), "sleep", "1000");
        assertThat(docker.ok("run", "--rm", "two-nodes/built:1", "cat", "/built"))
                .isEqualTo("built");
        assertThat(docker.ok("run", "--rm", "two-nodes/built:2", "cat", "/built"))
                .isEqualTo("built");
        docker.ok("rmi", "two-nodes/built:1", "two-nodes/built:2");
        docker.ok("builder", "prune", "-af");
    }

    // --- nodes come and go

    @Test
    void aDrainedNodeGetsNothingNew() {
        run("before", List.of("--label", "io.berth.node=n2"), "sleep", "1000");
        berth.launcher("node", "drain", "n2").ok();
        try {
            run("d1", List.of(), "sleep", "1000");
            run("d2", List.of(), "sleep", "1000");
            assertThat(nodesOf("d1", "d2")).containsExactly("local", "local");
            assertThat(docker.ok("exec", "before", "echo", "goes on")).isEqualTo("goes on");
        } finally {
            berth.launcher("node", "activate", "n2").ok();
        }
    }

    @Test
    void aKilledNodeIsShownAndComesBack() {
        String id = run("survivor", List.of("--label", "io.berth.node=n2"), "sh", "-c", COUNTING);
        run("neighbour", List.of("--label", "io.berth.node=local"), "sleep", "1000");
        Eventually.holds(SOON, () -> docker.ok("ps").contains("survivor"), () -> docker.ok("ps"));
        try (Running events = docker.start("events", "--filter", "type=node", "--format", "{{json .}}")) {
            kill("supervisor", "-KILL"); // which would start it again
            kill("engine", "-KILL");
            Eventually.holds(SOON, () -> docker.ok("ps").contains("Unreachable"), () -> docker.ok("ps", "-a"));
            assertThat(docker.ok("ps", "--filter", "name=survivor", "--format", "{{.Status}} {{.ID}}"))
                    .matches("Unreachable \\(was: Up .*\\) " + id.substring(0, 12));
            assertThat(docker.run("exec", "survivor", "true").exited(1).err()).contains("node n2 is unreachable: ");
            assertThat(docker.run("run", "--name", "survivor", Target.IMAGE, "true")
                            .exited(125)
                            .err())
                    .contains("is already in use by container");
            assertThat(docker.ok("exec", "neighbour", "echo", "untouched")).isEqualTo("untouched");
            assertThat(docker.ok("run", "--rm", Target.IMAGE, "echo", "elsewhere"))
                    .isEqualTo("elsewhere");
            assertThat(docker.run("info").err() + docker.ok("info")).contains("WARNING: node n2 is unreachable");
            Eventually.holds(SOON, () -> events.outUntilNow().contains("\"state.new\":\"down\""), events::outUntilNow);
            RawHttp http = new RawHttp(berth.socket());
            Eventually.holds(SOON, () -> health(http).contains("DEGRADED"), () -> health(http));
            assertThat(http.get("/health").status()).isEqualTo(200);
            JsonNode nodes = http.get("/api/platform").json().at("/health/nodes");
            assertThat(nodes.at("/local/status").asString()).isEqualTo("UP");
            assertThat(nodes.at("/n2/cause").asString()).startsWith("engine: ");
            nodeUp();
            Eventually.holds(SOON, () -> events.outUntilNow().contains("\"state.new\":\"ready\""), events::outUntilNow);
        } finally {
            nodeUp();
        }
        Eventually.holds(
                SOON, () -> docker.run("exec", "survivor", "true").exitCode() == 0, () -> docker.ok("ps", "-a"));
        assertThat(docker.ok("ps", "--filter", "id=" + id, "--format", "{{.Status}}"))
                .startsWith("Up ");
    }

    @Test
    void aHungNodeHoldsNobodyUp() {
        run("hung", List.of("--label", "io.berth.node=n2"), "sleep", "1000");
        run("awake", List.of("--label", "io.berth.node=local"), "sleep", "1000");
        // Of a node that does not answer what it last told is shown.
        Eventually.holds(SOON, () -> docker.ok("ps").contains("hung"), () -> docker.ok("ps"));
        kill("engine", "-STOP");
        try {
            Outcome answered = docker.run("exec", "hung", "true").exited(1);
            assertThat(answered.err()).contains("node n2 is unreachable");
            assertThat(answered.took()).isLessThan(Duration.ofSeconds(20));
            assertThat(docker.ok("ps", "--filter", "name=hung", "--format", "{{.Status}}"))
                    .startsWith("Unreachable");
            assertThat(docker.ok("exec", "awake", "echo", "fine")).isEqualTo("fine");
        } finally {
            kill("engine", "-CONT");
        }
        Eventually.holds(SOON, () -> docker.run("exec", "hung", "true").exitCode() == 0, () -> docker.ok("ps"));
    }

    // --- what the tests use

    private String run(String name, List<String> options, String... command) {
        List<String> arguments = new ArrayList<>(List.of("run", "-d", "--name", name));
        arguments.addAll(options);
        arguments.add(Target.IMAGE);
        arguments.addAll(List.of(command));
        return docker.ok(arguments.toArray(String[]::new));
    }

    private List<String> nodesOf(String... names) {
        return Stream.of(names)
                .map(name -> docker.ok("inspect", "--format", "{{.Node.Name}}", name))
                .toList();
    }

    private static String health(RawHttp http) {
        return http.get("/health").body();
    }

    /** Sends a signal to a process of the second node. */
    private void kill(String service, String signal) {
        try {
            String pid = Files.readString(berth.runDirectory().resolve("nodes/n2/" + service + ".pid"))
                    .split(" ")[0];
            Running.run(List.of("kill", signal, pid), Map.of(), new byte[0], SOON)
                    .ok();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> processesThatName(Path directory) {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains(directory.toString()))
                .toList();
    }
}
