package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Attacks by which containers, viewers and developers once got at what is not theirs, or in everybody's way. */
@CompatTest
@BerthOnly
@OwnPlatform
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BreachesIT {
    private static final int PORT = 2393;
    private static final int OPEN_PORT = 2394;
    private static final int CLOSED_PORT = 2395;
    private static final int DOCUMENT = 4 << 20;

    private final Target target;
    private BerthInstance berth;
    private DockerCli operator;
    private DockerCli alice;
    private DockerCli bob;
    private String aliceToken;
    private String viewerToken;

    BreachesIT(Target target) {
        this.target = target;
    }

    @BeforeAll
    void start() {
        berth = BerthInstance.start(PORT, Map.of("BERTH_GATEWAY_ACCESS", "private"));
        Target.importImage(berth.docker(), target.rootFileSystem());
        berth.launcher("project", "create", "shop").ok();
        berth.launcher("project", "create", "other").ok();
        operator = berth.docker();
        aliceToken = token("alice", "developer", "--project", "shop");
        alice = client("alice", aliceToken);
        bob = client("bob", token("bob", "developer", "--project", "other"));
        viewerToken = token("carol", "viewer", "--project", "shop");
    }

    @AfterAll
    void stop() {
        if (berth != null) {
            berth.close();
        }
    }

    private String token(String name, String role, String... more) {
        List<String> command = new ArrayList<>(List.of("token", "create", name, "--role", role));
        command.addAll(List.of(more));
        return berth.launcher(command.toArray(String[]::new)).ok().strip();
    }

    private DockerCli client(String name, String token) {
        Path directory = berth.scratch().resolve("config-" + name);
        String pair = Base64.getEncoder().encodeToString((name + ":" + token).getBytes(StandardCharsets.UTF_8));
        try {
            Files.createDirectories(directory);
            Files.writeString(
                    directory.resolve("config.json"), "{\"HttpHeaders\":{\"Authorization\":\"Basic " + pair + "\"}}");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return new DockerCli(berth.inNamespace(), "tcp://127.0.0.1:" + PORT, directory);
    }

    /** The command of a request over TCP, which says the status in its last line. */
    private List<String> request(String token, String path, String... more) {
        List<String> command = new ArrayList<>(berth.inNamespace());
        command.addAll(List.of("curl", "-sS", "-m", "60", "-w", "\n%{http_code}"));
        command.addAll(List.of("-H", "Authorization: Bearer " + token));
        command.addAll(List.of(more));
        command.add("http://127.0.0.1:" + PORT + path);
        return command;
    }

    private String ask(String token, String path, String... more) {
        return Running.run(request(token, path, more), Map.of(), new byte[0], Duration.ofMinutes(2))
                .out();
    }

    private static int status(String answer) {
        return Integer.parseInt(answer.substring(answer.lastIndexOf('\n') + 1).strip());
    }

    private void everybodyIsServed() {
        assertThat(status(ask(aliceToken, "/containers/json", "-m", "20"))).isEqualTo(200);
        operator.ok("ps");
    }

    /** A process in awk opens files of all processes of its container without making any of its own. */
    @Test
    void anExecShowsNothingOfTheHostToWhoMayTrace() throws IOException {
        Path marker = Files.writeString(berth.scratch().resolve("marker"), "of the host");
        String hunter = "BEGIN { while (1) for (p = 2; p < 2000; p++) for (i = 1; i <= 2; i++) {"
                + " f = \"/proc/\" p (i == 1 ? \"/root\" : \"/cwd/../../../../../../../..\") \"" + marker + "\";"
                + " if ((getline line < f) > 0) { print line; fflush() } close(f) } }";
        String id = operator.ok(
                        "run",
                        "-d",
                        "--cap-add",
                        "SYS_PTRACE",
                        "--health-cmd",
                        "true",
                        "--health-interval",
                        "100ms",
                        Target.IMAGE,
                        "awk",
                        hunter)
                .strip();
        try {
            for (int i = 0; i < 100; i++) {
                operator.ok("exec", id, "true");
            }
            assertThat(operator.ok("logs", id)).doesNotContain("of the host");
        } finally {
            operator.ok("rm", "-f", id);
        }
    }

    @Test
    void fourLargeDocumentsEndNothing() throws IOException {
        long gateway = berth.pidOf("gateway");
        Path document = berth.scratch().resolve("objects.json");
        String objects = "{},".repeat((DOCUMENT - 100) / 3);
        Files.writeString(document, "{\"Image\":\"x\",\"Objects\":[" + objects + "{}]}");
        for (String path : List.of("/containers/create", "/networks/create", "/volumes/create")) {
            List<Running> running = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                running.add(Running.start(
                        request(
                                aliceToken,
                                path,
                                "-H",
                                "Content-Type: application/json",
                                "--data-binary",
                                "@" + document),
                        Map.of()));
            }
            for (Running one : running) {
                Outcome outcome = one.await(Duration.ofMinutes(2));
                assertThat(status(outcome.out()))
                        .as(path + ": " + outcome.out())
                        .isIn(400, 413, 503);
                one.close();
            }
        }
        assertThat(berth.pidOf("gateway")).isEqualTo(gateway);
        assertThat(BerthInstance.isAlive(gateway)).isTrue();
        everybodyIsServed();
    }

    @Test
    void aViewersPatternsAreInNobodysWay() {
        String id = operator.ok(
                        "create", "--name", "a".repeat(60), "--label", "io.berth.project=shop", Target.IMAGE, "x")
                .strip();
        List<Running> running = new ArrayList<>();
        try {
            String filters = "filters=%7B%22name%22%3A%5B%22" + ".*".repeat(10) + "z%22%5D%7D";
            for (int i = 0; i < 16; i++) {
                running.add(Running.start(request(viewerToken, "/containers/json?all=1&" + filters, "-g"), Map.of()));
            }
            for (Running one : running) {
                assertThat(status(one.await(Duration.ofMinutes(2)).out())).isEqualTo(200);
            }
            everybodyIsServed();
        } finally {
            running.forEach(Running::close);
            operator.ok("rm", id);
        }
    }

    @Test
    void anIdsPrefixIsNoNameOfOthersNetworks() {
        String foreign = bob.ok("network", "create", "inner").strip();
        String name = foreign.substring(0, 1);
        alice.ok("network", "create", name);
        String id = alice.ok("create", "--network", name, Target.IMAGE, "true").strip();
        try {
            alice.ok("network", "rm", name);
            Outcome started = alice.run("start", id);
            assertThat(started.exitCode()).isNotZero();
            assertThat(started.err()).contains("not found");
            assertThat(operator.ok("inspect", id)).doesNotContain(foreign);
        } finally {
            operator.ok("rm", "-f", id);
            operator.ok("network", "rm", foreign);
        }
    }

    private static Stream<String> ownHosts() {
        return Stream.of("127.0.0.1", "localhost", "0.0.0.0", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]");
    }

    /** Serves a file to everybody who reaches this host. */
    private Running serve() throws IOException {
        Path directory = Files.createDirectories(berth.scratch().resolve("served"));
        Files.writeString(directory.resolve("inside"), "of the platform's network");
        List<String> command = new ArrayList<>(berth.inNamespace());
        command.addAll(
                List.of("busybox", "httpd", "-f", "-p", Integer.toString(OPEN_PORT), "-h", directory.toString()));
        Running server = Running.start(command, Map.of());
        List<String> probe = new ArrayList<>(berth.inNamespace());
        probe.addAll(List.of("curl", "-sSf", "http://127.0.0.1:" + OPEN_PORT + "/inside"));
        Eventually.holds(
                Duration.ofSeconds(10),
                () -> Running.run(probe, Map.of(), new byte[0], Duration.ofSeconds(10))
                                .exitCode()
                        == 0,
                server::errUntilNow);
        return server;
    }

    @Test
    void aDevelopersBuildsReachNothingInside() throws IOException {
        try (Running _ = serve()) {
            aDevelopersBuildsReachNothing();
        }
    }

    private void aDevelopersBuildsReachNothing() throws IOException {
        for (String host : ownHosts().toList()) {
            Path context = Files.createTempDirectory(berth.scratch(), "context");
            Files.writeString(
                    context.resolve("Dockerfile"),
                    "FROM " + Target.IMAGE + "\nADD http://" + host + ":" + OPEN_PORT + "/inside /fetched\n");
            Outcome built = alice.classic().run("build", "-t", "shop/fetched:1", context.toString());
            assertThat(built.exitCode()).as(host + ": " + built).isNotZero();
            for (String remote : List.of("http://%s/inside", "git://%s/x.git", "http://%s/x.git")) {
                String open = "/build?remote=" + remote.formatted(host + ":" + OPEN_PORT);
                String closed = "/build?remote=" + remote.formatted(host + ":" + CLOSED_PORT);
                assertSameAnswers(open, closed);
            }
        }
    }

    @Test
    void whatADeveloperHasFetchedDoesNotTellWhatListens() throws IOException {
        try (Running _ = serve()) {
            nothingTellsWhatListens();
        }
    }

    private void nothingTellsWhatListens() {
        for (String host : ownHosts().filter(one -> !one.startsWith("[")).toList()) {
            String image = "/images/create?fromImage=" + host + ":%s/x/y&tag=1";
            String distribution = "/distribution/" + host + ":%s/x/y:1/json";
            assertSameAnswers(image.formatted(OPEN_PORT), image.formatted(CLOSED_PORT));
            String open = ask(aliceToken, distribution.formatted(OPEN_PORT));
            String closed = ask(aliceToken, distribution.formatted(CLOSED_PORT));
            assertThat(open.replace(":" + OPEN_PORT, "")).isEqualTo(closed.replace(":" + CLOSED_PORT, ""));
            String login = "{\"username\":\"a\",\"password\":\"b\",\"serveraddress\":\"http://" + host + ":%s\"}";
            open = ask(aliceToken, "/auth", "-H", "Content-Type: application/json", "-d", login.formatted(OPEN_PORT));
            closed = ask(
                    aliceToken, "/auth", "-H", "Content-Type: application/json", "-d", login.formatted(CLOSED_PORT));
            assertThat(open.replace(":" + OPEN_PORT, "")).isEqualTo(closed.replace(":" + CLOSED_PORT, ""));
        }
    }

    private void assertSameAnswers(String open, String closed) {
        String first = ask(aliceToken, open, "-g", "-X", "POST").replace(":" + OPEN_PORT, "");
        String second = ask(aliceToken, closed, "-g", "-X", "POST").replace(":" + CLOSED_PORT, "");
        assertThat(first)
                .as(open)
                .isEqualTo(second)
                .containsAnyOf("error", "not allowed", "no such host")
                .doesNotContain("refused");
    }

    @Test
    void aDevelopersNetworksTakeNoAddressesOfOthers() {
        for (String subnet : List.of("8.8.8.0/24", "1.0.0.0/8", "127.0.0.0/24", "169.254.169.0/24", "192.0.2.0/24")) {
            Outcome made = alice.run("network", "create", "--subnet", subnet, "taker");
            assertThat(made.exitCode()).as(subnet).isNotZero();
        }
        assertThat(operator.ok("network", "ls", "-q", "-f", "name=taker")).isEmpty();
    }

    /** An archive whose configuration names the layers of another project's image, and has something else in their place. */
    @Test
    void whoNamesLayersDoesNotGetThem() throws IOException {
        Path context = Files.createTempDirectory(berth.scratch(), "context");
        Files.writeString(context.resolve("secret"), "of the other project");
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY secret /secret\n");
        bob.classic().ok("build", "-t", "other/secret:1", context.toString());
        String diffId = bob.ok("inspect", "-f", "{{index .RootFS.Layers 0}}", "other/secret:1")
                .strip();
        Path archive = Files.createDirectories(berth.scratch().resolve("stolen"));
        Files.writeString(
                archive.resolve("config.json"),
                "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
                        + diffId + "\"]}}");
        Files.writeString(
                archive.resolve("manifest.json"),
                "[{\"Config\":\"config.json\",\"RepoTags\":[\"shop/stolen:1\"],\"Layers\":[\"layer.tar\"]}]");
        Files.write(archive.resolve("layer.tar"), new byte[10_240]);
        Path tar = berth.scratch().resolve("stolen.tar");
        Running.run(
                        List.of("tar", "-C", archive.toString(), "-cf", tar.toString(), "."),
                        Map.of(),
                        new byte[0],
                        Duration.ofMinutes(1))
                .ok();
        Outcome loaded = alice.run("load", "-i", tar.toString());
        assertThat(loaded.exitCode()).as(loaded.toString()).isNotZero();
        assertThat(alice.run("create", "--name", "thief", "shop/stolen:1", "x").exitCode())
                .isNotZero();
        assertThat(operator.ok("images", "-q", "shop/stolen")).isEmpty();
        operator.ok("rmi", "other/secret:1");
    }

    @Test
    void labelsOfThePlatformAreNotSpelledAround() throws IOException {
        Path tar = berth.scratch().resolve("empty.tar");
        try (OutputStream out = Files.newOutputStream(tar)) {
            out.write(new byte[10_240]);
        }
        for (String change : List.of(
                "LABEL io.berth.project=other",
                "LABEL io.be\\rth.project=other",
                "LABEL \"io.berth.project\"=other",
                "LABEL io.berth\".project\"=other",
                "label a=b io.berth.project=other")) {
            Outcome made = alice.run("import", "--change", change, tar.toString(), "shop/labelled:1");
            assertThat(made.exitCode()).as(change).isNotZero();
        }
        assertThat(operator.ok("images", "-q", "shop/labelled")).isEmpty();
    }

    @Test
    void whatOneDeveloperWaitsForIsInNobodysWay() {
        String id = alice.ok("run", "-d", Target.IMAGE, "sleep", "1000").strip();
        String script = "for i in $(seq 1500); do exec {fd}<>/dev/tcp/127.0.0.1/" + PORT
                + " || break; printf 'POST /containers/" + id
                + "/wait HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Bearer "
                + aliceToken + "\\r\\n\\r\\n' >&$fd; done; echo opened; read";
        List<String> command = new ArrayList<>(berth.inNamespace());
        command.addAll(List.of("bash", "-c", "ulimit -n 4096; " + script));
        try (Running waiting = Running.start(command, Map.of())) {
            Eventually.holds(
                    Duration.ofMinutes(1), () -> waiting.outUntilNow().contains("opened"), waiting::errUntilNow);
            for (int i = 0; i < 20; i++) {
                operator.ok("ps");
                bob.ok("ps");
            }
        }
        operator.ok("rm", "-f", id);
    }

    @Test
    void whatNobodyStartsFillsNoMemory() throws IOException {
        Path document = Files.writeString(
                berth.scratch().resolve("long.json"),
                "{\"Image\":\"" + Target.IMAGE + "\",\"Cmd\":[\"true\"],\"Env\":[\"A=" + "t".repeat(900_000) + "\"]}");
        String[] create = {"-H", "Content-Type: application/json", "--data-binary", "@" + document};
        long engine = berth.pidOf("engine");
        int made = 0;
        String answer;
        do {
            answer = ask(aliceToken, "/containers/create", create);
            made++;
        } while (status(answer) == 201 && made < 200);
        try {
            assertThat(status(answer)).as(made + " made: " + answer).isEqualTo(409);
            assertThat(answer).contains("of project shop take too much memory").doesNotContain("java", "Exception");
            Outcome network = alice.run("network", "create", "--label", "a=" + "t".repeat(100_000), "full");
            assertThat(network.exitCode() == 0 || network.err().contains("too much memory"))
                    .as(network.toString())
                    .isTrue();
            String bobs = bob.ok("create", Target.IMAGE, "true").strip();
            operator.ok("rm", bobs, operator.ok("create", Target.IMAGE, "true").strip());
            everybodyIsServed();
            assertThat(berth.pidOf("engine")).isEqualTo(engine);
        } finally {
            operator.shell(
                    "docker ps -aq --filter label=io.berth.project=shop --filter status=created | xargs -r docker rm"
                            + " >/dev/null; docker network rm full >/dev/null 2>&1",
                    Duration.ofMinutes(2));
        }
        operator.ok("rm", alice.ok("create", Target.IMAGE, "true").strip());
    }

    @Test
    void smallOnes() throws IOException {
        String id = bob.ok("run", "-d", "--name", "taken", Target.IMAGE, "sleep", "1000")
                .strip();
        try {
            assertThat(operator.ok("exec", "--privileged", id, "grep", "^Seccomp:", "/proc/self/status"))
                    .contains("2");
            assertThat(operator.ok("exec", id, "ls", "-l", "/proc/1/fd"))
                    .contains("pipe:")
                    .doesNotContain(berth.dataDirectory().toString());
            Outcome conflict = alice.run("create", "--name", "taken", Target.IMAGE, "x");
            assertThat(conflict.exitCode()).isNotZero();
            assertThat(conflict.err()).contains("already in use").doesNotContain(id);
            for (String host : List.of("[::1].evil", "[::1]evil", "127.0.0.1.evil", "localhost.evil")) {
                assertThat(status(ask(
                                aliceToken, "/containers/json", "-H", "Host: " + host, "-H", "Origin: http://" + host)))
                        .as(host)
                        .isEqualTo(403);
            }
            StringBuilder ports = new StringBuilder();
            for (int port = 1; port <= 20_000; port++) {
                ports.append(port == 1 ? "" : ",").append('"').append(port).append("/tcp\":[{}]");
            }
            Path document = Files.writeString(
                    berth.scratch().resolve("ports.json"),
                    "{\"Image\":\"" + Target.IMAGE + "\",\"HostConfig\":{\"PortBindings\":{" + ports + "}}}");
            assertThat(status(ask(
                            aliceToken,
                            "/containers/create",
                            "-m",
                            "20",
                            "-H",
                            "Content-Type: application/json",
                            "--data-binary",
                            "@" + document)))
                    .isIn(201, 400);
        } finally {
            operator.ok("rm", "-f", id);
        }
    }

    @Test
    void anExecsExitCodeIsNotLost() {
        String id = operator.ok("run", "-d", Target.IMAGE, "sleep", "1000").strip();
        try {
            Outcome outcome = operator.shell(
                    "for i in $(seq 300); do docker exec " + id + " false && echo lost; done; echo done",
                    Duration.ofMinutes(5));
            assertThat(outcome.out()).isEqualTo("done\n");
        } finally {
            operator.ok("rm", "-f", id);
        }
    }
}
