package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The clients of registries that people use push, pull, sign, attach, list and delete, by the gateway and at the registry itself. */
@CompatTest
@BerthOnly
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegistryClientsIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    /** By which way a client comes. */
    enum Door {
        GATEWAY,
        DIRECT
    }

    private final Target target;
    private final Path scratch;
    private final Path archive;

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private Running bridge;

    private int directPort;

    RegistryClientsIT(Target target) {
        this.target = target;
        this.scratch = target.scratch().resolve("clients");
        this.archive = scratch.resolve("image.tar");
    }

    @BeforeAll
    void prepare() throws IOException, URISyntaxException {
        Files.createDirectories(scratch.resolve("config"));
        Files.writeString(scratch.resolve("config/config.json"), "{}"); // buildah insists on it
        target.docker().ok("save", "-o", archive.toString(), Target.IMAGE);
        Path run = target.berth().runDirectory();
        List<String> command = new ArrayList<>(target.berth().inNamespace());
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                new File(TcpBridge.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())
                        .getPath(),
                TcpBridge.class.getName(),
                run.resolve("registry.sock").toString(),
                Files.readString(run.resolve("platform.key")).strip()));
        bridge = Running.start(command, Map.of());
        Eventually.holds(Duration.ofSeconds(30), () -> bridge.outUntilNow().endsWith("\n"), () -> bridge.errUntilNow());
        directPort = Integer.parseInt(bridge.outUntilNow().strip());
    }

    @AfterAll
    void stop() {
        bridge.close();
    }

    @ParameterizedTest
    @EnumSource
    void docker(Door door) {
        String name = host(door) + "/clients/docker:1";
        target.docker().ok("tag", Target.IMAGE, name);
        String pushed = digest(target.docker().ok("push", name));
        target.docker().ok("rmi", name);
        assertThat(digest(target.docker().ok("pull", name))).isEqualTo(pushed);
        assertThat(target.docker().ok("run", "--rm", name, "echo", "pulled")).isEqualTo("pulled");
        assertThat(target.berth().dockerOverTcp().ok("manifest", "inspect", "--insecure", name))
                .contains("schemaVersion");
        target.docker().ok("rmi", name);
    }

    @ParameterizedTest
    @EnumSource
    void skopeo(Door door) {
        String name =
                "docker://" + host(door) + "/clients/skopeo-" + door.name().toLowerCase(Locale.ROOT);
        run(
                "skopeo",
                "--insecure-policy",
                "copy",
                "--format=oci",
                "--dest-tls-verify=false",
                "docker-archive:" + archive,
                name + ":1");
        run(
                "skopeo",
                "--insecure-policy",
                "copy",
                "--format=v2s2",
                "--dest-tls-verify=false",
                "docker-archive:" + archive,
                name + ":2");
        assertThat(run("skopeo", "list-tags", "--tls-verify=false", name)).contains("\"1\"", "\"2\"");
        String digest = run("skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}", name + ":1");
        Path copy = scratch.resolve("skopeo-" + door);
        run("skopeo", "--insecure-policy", "copy", "--src-tls-verify=false", name + ":1", "dir:" + copy);
        assertThat(copy.resolve("manifest.json")).exists();
        // From one repository to another within the registry: blobs are mounted.
        run(
                "skopeo",
                "--insecure-policy",
                "copy",
                "--src-tls-verify=false",
                "--dest-tls-verify=false",
                name + ":1",
                name + "-mounted:1");
        assertThat(run("skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}", name + "-mounted:1"))
                .isEqualTo(digest);
        run("skopeo", "delete", "--tls-verify=false", name + ":1");
        assertThat(fails("skopeo", "inspect", "--tls-verify=false", name + ":1"))
                .contains("manifest unknown");
        assertThat(run("skopeo", "list-tags", "--tls-verify=false", name)).contains("\"2\"");
    }

    @ParameterizedTest
    @EnumSource
    void podman(Door door) {
        String name = host(door) + "/clients/podman:1";
        podman("load", "-i", archive.toString());
        podman("tag", Target.IMAGE, name);
        podman("push", "--tls-verify=false", name);
        podman("rmi", name);
        podman("pull", "--tls-verify=false", name);
        assertThat(podman("image", "inspect", "--format", "{{index .RepoDigests 0}}", name))
                .contains("@sha256:");
        assertThat(podman("search", "--tls-verify=false", "--list-tags", name.substring(0, name.lastIndexOf(':'))))
                .contains("clients/podman");
        podman("rmi", name);
    }

    @ParameterizedTest
    @EnumSource
    void buildah(Door door) throws IOException {
        String name = host(door) + "/clients/buildah:1";
        Path file = Files.writeString(scratch.resolve("added"), "by buildah");
        String container = buildah("from", "scratch");
        buildah("add", container, file.toString(), "/added");
        buildah("commit", "--tls-verify=false", "--format", "oci", container, "docker://" + name);
        buildah("rm", container);
        buildah("pull", "--tls-verify=false", name);
        assertThat(buildah("images", "--format", "{{.Digest}}")).contains("sha256:");
        target.docker().ok("pull", name);
        target.docker().ok("rmi", name);
        buildah("rmi", name);
    }

    @ParameterizedTest
    @EnumSource
    void oras(Door door) throws IOException {
        String name = host(door) + "/clients/oras";
        Path directory = Files.createDirectories(scratch.resolve("oras-" + door));
        Files.writeString(directory.resolve("artifact.txt"), "an artifact of " + door);
        Files.writeString(directory.resolve("sbom.json"), "{\"sbom\":\"" + door + "\"}");
        oras(directory, "push", "--plain-http", name + ":1", "artifact.txt:text/plain");
        String attached = oras(
                directory,
                "attach",
                "--plain-http",
                "--artifact-type",
                "application/vnd.example.sbom",
                name + ":1",
                "sbom.json:application/json");
        String referrer = digest(attached.substring(attached.lastIndexOf("Digest")));
        assertThat(oras(directory, "discover", "--plain-http", "--format", "json", name + ":1"))
                .contains(referrer, "application/vnd.example.sbom");
        assertThat(oras(
                        directory,
                        "discover",
                        "--plain-http",
                        "--format",
                        "json",
                        "--artifact-type",
                        "application/x-other",
                        name + ":1"))
                .doesNotContain(referrer);
        Path pulled = Files.createDirectories(directory.resolve("pulled"));
        oras(directory, "pull", "--plain-http", "-o", pulled.toString(), name + ":1");
        assertThat(pulled.resolve("artifact.txt")).hasContent("an artifact of " + door);
        oras(directory, "tag", "--plain-http", name + ":1", "2", "3");
        assertThat(oras(directory, "repo", "tags", "--plain-http", name)).contains("1", "2", "3");
        assertThat(oras(directory, "repo", "ls", "--plain-http", host(door))).contains("clients/oras");
        oras(directory, "manifest", "delete", "--plain-http", "--force", name + "@" + referrer);
        assertThat(oras(directory, "discover", "--plain-http", "--format", "json", name + ":1"))
                .doesNotContain(referrer);
        String blob = digest(oras(directory, "blob", "push", "--plain-http", name, "artifact.txt"));
        assertThat(oras(directory, "blob", "fetch", "--plain-http", "--output", "-", name + "@" + blob))
                .isEqualTo("an artifact of " + door);
        oras(directory, "blob", "delete", "--plain-http", "--force", name + "@" + blob);
        Running.run(
                        command("oras", "blob", "fetch", "--plain-http", "--output", "-", name + "@" + blob),
                        environment(),
                        new byte[0],
                        TIMEOUT)
                .exited(1);
    }

    @ParameterizedTest
    @EnumSource
    void cosign(Door door) throws IOException {
        String name = host(door) + "/clients/cosign-" + door.name().toLowerCase(Locale.ROOT);
        run(
                "skopeo",
                "--insecure-policy",
                "copy",
                "--dest-tls-verify=false",
                "docker-archive:" + archive,
                "docker://" + name + ":1");
        String digest =
                run("skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}", "docker://" + name + ":1");
        String image = name + "@" + digest;
        Path keys = scratch.resolve("cosign-" + door);
        run("cosign", "generate-key-pair", "--output-key-prefix", keys.toString());
        Path sbom = Files.writeString(scratch.resolve("predicate.json"), "{\"built\":\"here\"}");
        run("cosign", "sign", "--yes", "--tlog-upload=false", "--allow-http-registry", "--key", keys + ".key", image);
        run(
                "cosign",
                "attest",
                "--yes",
                "--tlog-upload=false",
                "--allow-http-registry",
                "--predicate",
                sbom.toString(),
                "--key",
                keys + ".key",
                image);
        assertThat(run(
                        "cosign",
                        "verify",
                        "--insecure-ignore-tlog=true",
                        "--allow-http-registry",
                        "--key",
                        keys + ".pub",
                        image))
                .contains(digest);
        assertThat(run("cosign", "tree", "--allow-http-registry", image)).contains("Signatures", "Attestations");
        run("cosign", "clean", "--force", "--allow-http-registry", "--type", "signature", image);
        assertThat(fails(
                        "cosign",
                        "verify",
                        "--insecure-ignore-tlog=true",
                        "--allow-http-registry",
                        "--key",
                        keys + ".pub",
                        image))
                .contains("no signatures found");
    }

    private String host(Door door) {
        return "localhost:" + (door == Door.GATEWAY ? target.berth().port() : directPort);
    }

    private String podman(String... arguments) {
        List<String> all = new ArrayList<>(List.of("podman"));
        all.addAll(storage("podman"));
        all.addAll(List.of("--events-backend", "none", "--cgroup-manager", "cgroupfs"));
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new));
    }

    private String buildah(String... arguments) {
        List<String> all = new ArrayList<>(List.of("buildah"));
        all.addAll(storage("buildah"));
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new));
    }

    private List<String> storage(String client) {
        return List.of(
                "--root",
                scratch.resolve(client + "-root").toString(),
                "--runroot",
                scratch.resolve(client + "-run").toString(),
                "--storage-driver",
                "vfs");
    }

    private String oras(Path directory, String... arguments) {
        List<String> all = new ArrayList<>(List.of("env", "--chdir=" + directory, "oras"));
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new));
    }

    private String run(String... command) {
        return Running.run(command(command), environment(), new byte[0], TIMEOUT)
                .ok();
    }

    /** What a command says that must not succeed. */
    private String fails(String... command) {
        Outcome outcome = Running.run(command(command), environment(), new byte[0], TIMEOUT);
        assertThat(outcome.exitCode()).as(outcome.toString()).isNotZero();
        return outcome.out() + outcome.err();
    }

    private List<String> command(String... command) {
        List<String> all = new ArrayList<>(target.berth().inNamespace());
        all.addAll(List.of(command));
        return all;
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        environment.put("HOME", scratch.toString());
        environment.put("DOCKER_CONFIG", scratch.resolve("config").toString());
        environment.put("COSIGN_PASSWORD", "");
        return environment;
    }

    private static String digest(String output) {
        Matcher found = DIGEST.matcher(output);
        assertThat(found.find()).as("a digest in: " + output).isTrue();
        return found.group();
    }
}
