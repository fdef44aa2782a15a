package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Operators and developers with the stock client over TCP, on a platform as it is without any setting. */
@CompatTest
@BerthOnly
@OwnPlatform
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SegregationIT {
    private static final int PORT = 2391;
    private static final int TLS_PORT = 2398;
    private static final String REGISTRY = "localhost:" + PORT;

    private final Target target;
    private BerthInstance berth;
    private DockerCli operator;
    private DockerCli alice;
    private DockerCli bob;
    private String aliceToken;
    private String bobToken;
    /** Of alice's project and of bob's, by certificate: docker's builder sends no headers of the configuration. */
    private DockerCli carl;

    private DockerCli dora;

    SegregationIT(Target target) {
        this.target = target;
    }

    @BeforeAll
    void start() {
        Path certificates = certificates();
        berth = BerthInstance.start(
                PORT,
                Map.of(
                        "BERTH_GATEWAY_ACCESS",
                        "private",
                        "BERTH_GATEWAY_TLS_PORT",
                        Integer.toString(TLS_PORT),
                        "BERTH_GATEWAY_TLS_CERTIFICATE",
                        certificates.resolve("server-cert.pem").toString(),
                        "BERTH_GATEWAY_TLS_KEY",
                        certificates.resolve("server-key.pem").toString(),
                        "BERTH_GATEWAY_TLS_CLIENTCA",
                        certificates.resolve("ca.pem").toString()));
        Target.importImage(berth.docker(), target.rootFileSystem());
        berth.launcher("project", "create", "shop").ok();
        berth.launcher("project", "create", "other").ok();
        operator = client("root", token("root", "operator"));
        aliceToken = token("alice", "developer", "--project", "shop");
        alice = client("alice", aliceToken);
        bobToken = token("bob", "developer", "--project", "other");
        bob = client("bob", bobToken);
        carl = builder(certificates, "carl", "shop");
        dora = builder(certificates, "dora", "other");
    }

    private static Path certificates() {
        try {
            Path directory = Files.createTempDirectory("berth-compat-certificates");
            Running.run(
                            List.of(
                                    BerthInstance.launcherScript().toString(),
                                    "certs",
                                    directory.toString(),
                                    "localhost",
                                    "carl,dora"),
                            Map.of("BERTH_BUILD", "never"),
                            new byte[0],
                            Duration.ofMinutes(1))
                    .ok();
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A user who shows a certificate. */
    private DockerCli builder(Path certificates, String name, String project) {
        RawHttp.Response made = new RawHttp(berth.socket())
                .post(
                        "/api/users",
                        "{\"name\":\"" + name + "\",\"role\":\"developer\",\"projects\":[\"" + project
                                + "\"],\"password\":\"not needed 4 this\"}");
        assertThat(made.status()).as(made.body()).isBetween(200, 201);
        return new DockerCli(
                        berth.inNamespace(),
                        "tcp://localhost:" + TLS_PORT,
                        berth.scratch().resolve("config-" + name))
                .with("DOCKER_TLS_VERIFY", "1")
                .with("DOCKER_CERT_PATH", certificates.resolve(name).toString());
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

    /** A client whose configuration has the token, as people write it. */
    private DockerCli client(String name, String token) {
        Path directory = berth.scratch().resolve("config-" + name);
        String pair = Base64.getEncoder().encodeToString((name + ":" + token).getBytes(StandardCharsets.UTF_8));
        try {
            Files.createDirectories(directory);
            Files.writeString(
                    directory.resolve("config.json"), "{\"HttpHeaders\":{\"Authorization\":\"Basic " + pair + "\"}}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new DockerCli(berth.inNamespace(), "tcp://127.0.0.1:" + PORT, directory);
    }

    private static void refused(Outcome outcome, String message) {
        assertThat(outcome.exitCode()).as(outcome.out()).isNotZero();
        assertThat(outcome.err()).contains(message);
    }

    @Test
    void strangersAreAskedWhoTheyAre() {
        refused(berth.dockerOverTcp().run("ps"), "a credential is needed");
        refused(client("mallory", "berth_" + "0".repeat(49)).run("ps"), "the credential is not valid");
        berth.docker().ok("ps");
        operator.ok("ps");
    }

    @Test
    void developersSeeTheirOwn() {
        String id = alice.ok("run", "-d", "--name", "seen", "-p", "18080:80", Target.IMAGE, "sleep", "300")
                .strip();
        bob.ok("run", "-d", "--name", "hidden", Target.IMAGE, "sleep", "300");
        try {
            assertThat(alice.ok("ps", "-a", "--format", "{{.Names}}"))
                    .contains("seen")
                    .doesNotContain("hidden");
            assertThat(alice.ok("ps", "-aq", "--no-trunc", "-f", "name=hidden")).isEmpty();
            assertThat(operator.ok("ps", "-a", "--format", "{{.Names}}")).contains("seen", "hidden");
            assertThat(alice.ok("inspect", "-f", "{{index .Config.Labels \"io.berth.project\"}}", "seen"))
                    .startsWith("shop");
            assertThat(alice.ok("exec", "seen", "echo", "inside")).isEqualToIgnoringNewLines("inside");
            for (String[] command : new String[][] {
                {"inspect", id},
                {"logs", "seen"},
                {"exec", "seen", "true"},
                {"stop", id},
                {"rm", "seen"},
                {"cp", "seen:/etc/passwd", "-"},
                {"rename", "seen", "mine"},
                {"commit", "seen", "other/taken"},
                {"attach", "seen"},
                {"top", "seen"},
                {"export", "seen"},
                {"update", "-m", "64m", "seen"}
            }) {
                Outcome outcome = bob.run(command);
                assertThat(outcome.exitCode()).as(String.join(" ", command)).isNotZero();
                assertThat(outcome.err()).as(String.join(" ", command)).containsIgnoringCase("no such");
            }
            assertThat(operator.ok("inspect", "-f", "{{.State.Running}}", "seen"))
                    .startsWith("true");
            bob.ok("container", "prune", "-f");
        } finally {
            operator.ok("rm", "-f", "seen", "hidden");
        }
    }

    @Test
    void whatReachesTheHostIsTheOperators() {
        for (String[] flags : new String[][] {
            {"-v", "/:/host"},
            {"--mount", "type=bind,src=/,dst=/host"},
            {"--privileged"},
            {"--pid=host"},
            {"--network=host"},
            {"--cap-add=SYS_ADMIN"},
            {"--device=/dev/null"},
            {"--security-opt=seccomp=unconfined"},
            {"--userns=host"},
            {"--uts=host"},
            {"--ipc=host"},
            {"--cgroupns=host"},
            {"--cgroup-parent=/x"},
            {"-p", "80:80"},
            {"--sysctl=net.ipv4.ip_forward=1"},
            {"--label=io.berth.project=other"}
        }) {
            List<String> command = new ArrayList<>(List.of("run", "--rm"));
            command.addAll(List.of(flags));
            command.addAll(List.of(Target.IMAGE, "true"));
            refused(alice.run(command.toArray(String[]::new)), "only an operator may do this");
        }
        refused(
                alice.run("volume", "create", "-o", "type=none", "-o", "o=bind", "-o", "device=/", "root"),
                "only an operator");
        refused(alice.run("network", "create", "-d", "macvlan", "-o", "parent=lo", "lan"), "only an operator");
        refused(alice.run("image", "prune", "-af"), "only an operator");
        assertThat(operator.ok("run", "--rm", "-v", "/:/host:ro", Target.IMAGE, "ls", "/host"))
                .contains("proc");
    }

    @Test
    void networksAndVolumesBelongToProjects() {
        alice.ok("network", "create", "front");
        alice.ok("volume", "create", "kept");
        try {
            alice.ok("run", "--rm", "--network", "front", "-v", "kept:/d", "-v", "made:/m", Target.IMAGE, "true");
            assertThat(alice.ok("volume", "ls", "-q")).contains("kept", "made");
            assertThat(bob.ok("volume", "ls", "-q")).doesNotContain("kept", "made");
            assertThat(bob.ok("network", "ls", "--format", "{{.Name}}")).doesNotContain("front");
            refused(
                    bob.run("run", "--rm", "--network", "front", Target.IMAGE, "true"),
                    "there is no front in the project");
            refused(bob.run("run", "--rm", "-v", "kept:/d", Target.IMAGE, "true"), "taken by another project");
            refused(bob.run("volume", "create", "kept"), "taken by another project");
            refused(bob.run("volume", "rm", "kept"), "no such volume");
            refused(bob.run("network", "rm", "front"), "not found");
            bob.ok("network", "prune", "-f");
            bob.ok("volume", "prune", "-af");
            assertThat(alice.ok("volume", "ls", "-q")).contains("kept", "made");
        } finally {
            operator.ok("network", "rm", "front");
            operator.ok("volume", "rm", "kept", "made");
        }
    }

    @Test
    void repositoriesBelongToProjects() {
        String ours = REGISTRY + "/shop/app:1";
        alice.ok("tag", Target.IMAGE, ours);
        alice.ok("push", ours);
        try {
            assertThat(alice.ok("images", "--format", "{{.Repository}}")).contains(REGISTRY + "/shop/app");
            assertThat(bob.ok("images", "--format", "{{.Repository}}")).doesNotContain("shop");
            refused(bob.run("pull", ours), "denied");
            refused(bob.run("inspect", ours), "No such");
            refused(bob.run("run", "--rm", ours, "true"), "denied");
            refused(bob.run("tag", Target.IMAGE, ours), "is not the project's");
            refused(bob.run("push", ours), "is not the project's");
            refused(bob.run("tag", Target.IMAGE, "debian:13"), "is not the project's");
            alice.ok("rmi", ours);
            alice.ok("pull", ours);
            assertThat(alice.ok("run", "--rm", ours, "echo", "pulled")).isEqualToIgnoringNewLines("pulled");
        } finally {
            operator.run("rmi", ours);
        }
    }

    @Test
    void oneTokenLogsInToTheRegistryToo() {
        String ours = REGISTRY + "/shop/copied:1";
        Path authentication = berth.scratch().resolve("alice-auth.json");
        skopeo("login", "--authfile=" + authentication, "--tls-verify=false", "-u", "alice", "-p", aliceToken, REGISTRY)
                .ok();
        alice.ok("tag", Target.IMAGE, ours);
        alice.ok("push", ours);
        skopeo("inspect", "--authfile=" + authentication, "--tls-verify=false", "docker://" + ours)
                .ok();
        assertThat(copy(authentication, ours, REGISTRY + "/shop/copied:2").exitCode())
                .isZero();
        assertThat(copy(authentication, ours, REGISTRY + "/other/copied:2").exitCode())
                .isNotZero();
        assertThat(skopeo("inspect", "--no-creds", "--tls-verify=false", "docker://" + ours)
                        .exitCode())
                .isNotZero();
        operator.ok("rmi", ours);
    }

    private Outcome copy(Path authentication, String from, String to) {
        return skopeo(
                "copy",
                "--authfile=" + authentication,
                "--src-tls-verify=false",
                "--dest-tls-verify=false",
                "docker://" + from,
                "docker://" + to);
    }

    @Test
    void aDeveloperBuilds() throws IOException {
        Path context = Files.createTempDirectory(berth.scratch(), "context");
        Files.writeString(context.resolve("Dockerfile"), "FROM " + Target.IMAGE + "\nRUN echo built > /made\n");
        alice.classic().ok("build", "-t", "shop/built:1", context.toString());
        assertThat(alice.ok("run", "--rm", "shop/built:1", "cat", "/made")).isEqualToIgnoringNewLines("built");
        refused(alice.classic().run("build", "-t", "built:1", context.toString()), "must begin with shop/");
        refused(bob.run("inspect", "shop/built:1"), "No such");
        operator.ok("rmi", "shop/built:1");
    }

    /** What a page of the dashboard shows to who has a token. */
    private String builds(String token) {
        List<String> command = new ArrayList<>(berth.inNamespace());
        command.addAll(List.of(
                "curl", "-sSf", "-H", "Authorization: Bearer " + token, "http://127.0.0.1:" + PORT + "/berth/builds"));
        return Running.run(command, Map.of(), new byte[0], Duration.ofSeconds(30))
                .ok();
    }

    private Path context(String dockerfile) throws IOException {
        Path context = Files.createTempDirectory(berth.scratch(), "context");
        Files.writeString(context.resolve("Dockerfile"), dockerfile.replace("BASE", Target.IMAGE));
        return context;
    }

    @Test
    void aDeveloperBuildsByBuildKit() throws IOException {
        Path context = context("""
                FROM BASE
                RUN --mount=type=secret,id=key cp /run/secrets/key /made
                LABEL io.berth.project=other
                """);
        Path secret = Files.writeString(context.resolve("key"), "hers");
        String ours = REGISTRY + "/shop/kit:1";
        carl.ok("build", "--secret", "id=key,src=" + secret, "-t", "shop/kit:1", "-t", ours, context.toString());
        try {
            assertThat(carl.ok("run", "--rm", "shop/kit:1", "cat", "/made")).isEqualTo("hers");
            assertThat(carl.ok("inspect", "-f", "{{index .Config.Labels \"io.berth.project\"}}", "shop/kit:1"))
                    .startsWith("shop");
            refused(dora.run("inspect", "shop/kit:1"), "No such");
            assertThat(builds(aliceToken)).contains("\"by\":\"carl\"", "shop/kit:1", "\"ended\"");
            assertThat(builds(bobToken)).doesNotContain("shop");
            carl.ok("buildx", "build", "--secret", "id=key,src=" + secret, "--push", "-t", ours, context.toString());
            carl.ok("rmi", ours);
            carl.ok("pull", ours);
            Path files = context.resolve("files");
            carl.ok("buildx", "build", "--secret", "id=key,src=" + secret, "-o", files.toString(), context.toString());
            assertThat(files.resolve("made")).hasContent("hers");
        } finally {
            operator.run("rmi", "-f", "shop/kit:1", ours);
        }
    }

    @Test
    void whatABuildReachesIsItsProjects() throws IOException {
        operator.ok("tag", Target.IMAGE, "other/secret:1");
        Path context = context("FROM BASE\nRUN true\n");
        for (String[] flags : new String[][] {
            {"-t", "kit:1"},
            {"-t", REGISTRY + "/other/kit:1", "--push"},
            {"--output", "type=image,name=other/kit:1,push=true"},
            {"--network", "host"},
            {"--allow", "security.insecure"},
            {"--cache-to", "type=registry,ref=" + REGISTRY + "/other/cache"},
        }) {
            List<String> command = new ArrayList<>(List.of("buildx", "build"));
            command.addAll(List.of(flags));
            command.add(context.toString());
            Outcome outcome = carl.run(command.toArray(String[]::new));
            assertThat(outcome.exitCode()).as(String.join(" ", flags)).isNotZero();
            assertThat(outcome.err()).as(String.join(" ", flags)).contains("PermissionDenied");
        }
        for (String dockerfile : new String[] {
            "FROM other/secret:1\n", "FROM BASE\nCOPY --from=other/secret:1 /bin/busybox /x\n",
        }) {
            refused(carl.run("build", context(dockerfile).toString()), "not found");
        }
        refused(
                carl.run(
                        "build",
                        "--build-context",
                        "x=docker-image://other/secret:1",
                        context("FROM x\n").toString()),
                "not found");
        refused(carl.run("buildx", "prune", "-af"), "only an operator may do this");
        refused(carl.run("buildx", "du"), "only an operator may do this");
        operator.ok("rmi", "other/secret:1");
    }

    /** The same Dockerfile: what another project's build has made of it may have secrets in it, or be made to deceive. */
    @Test
    void cachesAreTheProjects() throws IOException {
        Path context = context("""
                FROM BASE
                RUN cat /proc/sys/kernel/random/uuid > /made
                RUN --mount=type=cache,id=all,target=/c cat /c/* > /found 2> /dev/null; cp /made /c/mark
                """);
        String first = made(carl, context, "shop/cached:1", "/made");
        assertThat(made(carl, context, "shop/cached:2", "/made")).isEqualTo(first);
        for (DockerCli other : List.of(dora, berth.docker())) {
            assertThat(made(other, context, "other/cached:1", "/made")).isNotEqualTo(first);
            assertThat(made(other, context, "other/cached:1", "/found")).isEmpty();
            assertThat(made(other.classic(), context, "other/cached:1", "/made"))
                    .isNotEqualTo(first);
        }
        operator.ok("rmi", "-f", "shop/cached:1", "shop/cached:2", "other/cached:1");
    }

    private static String made(DockerCli client, Path context, String tag, String file) {
        client.ok("build", "-t", tag, context.toString());
        return client.ok("run", "--rm", tag, "cat", file);
    }

    @Test
    void aDeveloperLoadsWhatIsTheProjects() throws IOException {
        Path scratch = Files.createTempDirectory(berth.scratch(), "archives");
        operator.ok("tag", Target.IMAGE, "shop/loaded:1");
        operator.ok("tag", Target.IMAGE, "other/loaded:1");
        for (String[] names : new String[][] {
            {"shop/loaded:1"},
            {"shop/loaded:1", "other/loaded:1"},
            {Target.IMAGE},
            {operator.ok("inspect", "-f", "{{.Id}}", Target.IMAGE).strip()}
        }) {
            List<String> save = new ArrayList<>(
                    List.of("save", "-o", scratch.resolve("a.tar").toString()));
            save.addAll(List.of(names));
            operator.ok(save.toArray(String[]::new));
            operator.ok("rmi", "shop/loaded:1", "other/loaded:1");
            Outcome loaded = alice.run("load", "-i", scratch.resolve("a.tar").toString());
            if (names.length == 1 && names[0].startsWith("shop")) {
                assertThat(loaded.ok()).contains("Loaded image: shop/loaded:1");
                assertThat(alice.ok("run", "--rm", "shop/loaded:1", "echo", "loaded"))
                        .isEqualToIgnoringNewLines("loaded");
            } else {
                refused(loaded, "Error response from daemon: the ");
                assertThat(operator.ok("images", "-q", "shop/loaded"))
                        .as("nothing is loaded")
                        .isEmpty();
            }
            operator.ok("tag", Target.IMAGE, "shop/loaded:1");
            operator.ok("tag", Target.IMAGE, "other/loaded:1");
        }
        operator.ok("rmi", "shop/loaded:1", "other/loaded:1");
        // An image that says that it is another project's.
        berth.docker()
                .classic()
                .ok(
                        "build",
                        "-t",
                        "shop/labelled:1",
                        "--label",
                        "io.berth.project=other",
                        context("FROM BASE\n").toString());
        operator.ok("save", "-o", scratch.resolve("b.tar").toString(), "shop/labelled:1");
        operator.ok("rmi", "shop/labelled:1");
        refused(alice.run("load", "-i", scratch.resolve("b.tar").toString()), "which is not the caller's");
    }

    @Test
    void whatIsTakenBackIsVoidAtOnce() {
        DockerCli carol = client("carol", token("carol", "viewer", "--project", "shop", "--expires", "1h"));
        carol.ok("ps");
        refused(carol.run("run", "--rm", Target.IMAGE, "true"), "a viewer may not do this");
        assertThat(berth.launcher("token", "list").ok()).contains("carol").doesNotContain("berth_");
        berth.launcher("token", "revoke", "carol").ok();
        refused(carol.run("ps"), "the credential is not valid");
    }

    @Test
    void changesAreKeptWithWhoMadeThem() {
        alice.ok("run", "--rm", "--name", "noted", "-e", "SECRET=hunter2", Target.IMAGE, "true");
        refused(bob.run("run", "--rm", "--privileged", Target.IMAGE, "true"), "only an operator");
        Eventually.holds(
                Duration.ofSeconds(10),
                () -> audit().contains("name=noted"),
                () -> "no entry in the audit log: " + audit());
        assertThat(audit())
                .contains("\"who\":\"alice\",\"role\":\"developer\",\"from\":\"127.0.0.1\",\"source\":\"token\"")
                .contains("\"who\":\"bob\"")
                .contains("\"status\":403")
                .doesNotContain("hunter2", "berth_");
    }

    private String audit() {
        return new RawHttp(berth.socket()).get("/api/audit?n=200").body();
    }

    private Outcome skopeo(String... arguments) {
        return Skopeo.runIn(berth.inNamespace(), arguments);
    }
}
