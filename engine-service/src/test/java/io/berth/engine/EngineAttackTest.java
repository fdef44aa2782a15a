package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp;
import io.berth.engine.fixture.RawHttp.Answer;
import io.berth.engine.runtime.ContainerLaunch;
import io.berth.engine.runtime.Isolation.NamespaceChoice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests, and images, that want more of the engine than is theirs. See docs/THREAT_MODEL.md. */
class EngineAttackTest {
    @TempDir
    static Path directory;

    private static EngineFixture engine;

    @BeforeAll
    static void start() throws IOException {
        engine = new EngineFixture(directory);
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    private static RawHttp http() {
        return engine.http();
    }

    private static String run(String more) throws IOException {
        Answer answer =
                http().post("/v1.55/containers/create", "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"]" + more + "}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        String id = answer.json().path("Id").asString();
        assertThat(http().post("/containers/" + id + "/start").status()).isEqualTo(204);
        return id;
    }

    private static void remove(String id) throws IOException {
        assertThat(http().delete("/containers/" + id + "?force=1").status()).isEqualTo(204);
    }

    private static ContainerLaunch lastLaunch() {
        return Objects.requireNonNull(engine.kernel().lastLaunch);
    }

    /** CVE-2026-53488: labels by which users give orders are nothing that an image can set. */
    @Test
    void anImageGivesTheEngineNoOrders() throws IOException {
        String id = run("");
        assertThat(lastLaunch().isolation().users()).isNull();
        assertThat(http().get("/containers/" + id + "/json")
                        .json()
                        .path("Config")
                        .path("Labels")
                        .propertyNames())
                .containsExactlyInAnyOrder("vendor", "tier");
        remove(id);
        String asked = run(",\"Labels\":{\"io.berth.on-unhealthy\":\"stop\"}");
        assertThat(http().get("/containers/" + asked + "/json")
                        .json()
                        .path("Config")
                        .path("Labels")
                        .path("io.berth.on-unhealthy")
                        .asString())
                .isEqualTo("stop");
        remove(asked);
    }

    /** CVE-2022-4318, CVE-2026-15809: a line break makes another line of hosts, resolv.conf or whoever reads the environment. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "\"HostConfig\":{\"ExtraHosts\":[\"a\\n6.6.6.6 b:1.2.3.4\"]}",
                "\"HostConfig\":{\"ExtraHosts\":[\"a:1.2.3.4\\n6.6.6.6 b\"]}",
                "\"HostConfig\":{\"ExtraHosts\":[\"a=1.2.3.4\\r6.6.6.6 b\"]}",
                "\"HostConfig\":{\"ExtraHosts\":[\"a:[1.2.3.4]\\n[::1]\"]}",
                "\"HostConfig\":{\"ExtraHosts\":[\"a b:1.2.3.4\"]}",
                "\"HostConfig\":{\"ExtraHosts\":[\"a\"]}",
                "\"HostConfig\":{\"ExtraHosts\":[\":1.2.3.4\"]}",
                "\"HostConfig\":{\"ExtraHosts\":[\"a:localhost\"]}",
                "\"HostConfig\":{\"Dns\":[\"1.1.1.1\\nnameserver 6.6.6.6\"]}",
                "\"HostConfig\":{\"Dns\":[\"example\"]}",
                "\"HostConfig\":{\"Dns\":[\"host-gateway\"]}",
                "\"HostConfig\":{\"DnsSearch\":[\"a\\nnameserver 6.6.6.6\"]}",
                "\"HostConfig\":{\"DnsSearch\":[\"a\\u0000\"]}",
                "\"HostConfig\":{\"DnsOptions\":[\"a\\nnameserver 6.6.6.6\"]}",
                "\"Hostname\":\"a\\nb\"",
                "\"Hostname\":\"a\\n\"",
                "\"Domainname\":\"a\\rb\"",
                "\"Env\":[\"HOME=/\\nroot::0:0::/:/bin/sh\"]",
                "\"Env\":[\"A=b\\u0000C=d\"]",
                "\"User\":\"root\\u0000\"",
                "\"WorkingDir\":\"/\\u0000\"",
                "\"Cmd\":[\"a\\u0000b\"]"
            })
    void everyValueStaysInItsLine(String field) throws IOException {
        Answer answer = http().post("/containers/create?name=broken", "{\"Image\":\"busybox\"," + field + "}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(http().get("/containers/broken/json").status()).isEqualTo(404);
    }

    @Test
    void ordinaryValuesAreWrittenAsTheyAre() throws IOException {
        String id = run(
                ",\"HostConfig\":{\"ExtraHosts\":[\"a:1.2.3.4\",\"b=::1\",\"c:[fe80::1%eth0]\"],"
                        + "\"Dns\":[\"9.9.9.9\",\"2620:fe::fe\"],\"DnsSearch\":[\"example.com\",\".\"],\"DnsOptions\":[\"ndots:2\"]}");
        Path files = engine.dataDirectory().resolve("containers").resolve(id);
        assertThat(files.resolve("hosts")).content().contains("\n1.2.3.4\ta\n::1\tb\nfe80::1%eth0\tc\n");
        assertThat(files.resolve("resolv.conf"))
                .content()
                .contains("nameserver 9.9.9.9\nnameserver 2620:fe::fe\nsearch example.com\noptions ndots:2\n");
        remove(id);
    }

    /** The same in what an image brings along, and nothing is started that would be cut off at a NUL. */
    @ParameterizedTest
    @ValueSource(
            strings = {"busybox:line-break", "busybox:nul", "busybox:nul-command", "busybox:nul-user", "busybox:storm"})
    void anImagesValuesStayInTheirLine(String image) throws IOException {
        Answer answer = http().post("/containers/create", "{\"Image\":\"" + image + "\"}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    }

    @Test
    void anImageCannotMakeAContainerThatDoesNotStop() throws IOException {
        Answer created = http().post("/containers/create", "{\"Image\":\"busybox:odd-signal\",\"Cmd\":[\"sleep\"]}");
        String id = created.json().path("Id").asString();
        assertThat(http().post("/containers/" + id + "/start").status()).isEqualTo(204);
        assertThat(http().post("/containers/" + id + "/stop").status()).isEqualTo(204);
        remove(id);
    }

    /** CVE-2026-57231, CVE-2020-14370: a name without a value, of an image or a request, is not filled in from the engine's own. */
    @Test
    void nothingOfTheEnginesEnvironmentIsPassedOn() throws IOException {
        String name = System.getenv().keySet().stream()
                .filter(each -> !List.of("PATH", "HOSTNAME", "TERM", "HOME").contains(each))
                .findFirst()
                .orElseThrow();
        String id = run(",\"Hostname\":\"h\",\"Env\":[\"" + name + "\",\"OWN=1\"]");
        assertThat(lastLaunch().process().env())
                .containsExactlyInAnyOrder("PATH=/bin", "HOSTNAME=h", "OWN=1", "FROM_IMAGE=1", "HARMLESS=\n", "A=b");
        remove(id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"Env\":[\"HOME=/\\nroot::0:0\"]",
                "\"Env\":[\"A=b\\u0000\"]",
                "\"User\":\"a\\u0000\"",
                "\"WorkingDir\":\"/\\u0000\""
            })
    void anExecsValuesStayInTheirLine(String field) throws IOException {
        String id = run("");
        assertThat(http().post("/containers/" + id + "/exec", "{\"Cmd\":[\"echo\"]," + field + "}")
                        .status())
                .isEqualTo(400);
        remove(id);
    }

    /** moby 4f84bcb967, CVE-2026-53492: an id of a checkpoint is no path. Checkpoints are not offered, so every one is refused. */
    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/b", "..", "%2e%2e%2fx", "x"})
    void noCheckpointIsMadeOrFoundBelowAnyName(String checkpoint) throws IOException {
        String id = run("");
        List<Path> before = files();
        for (Answer answer : List.of(
                http().post(
                                "/containers/" + id + "/checkpoints",
                                "{\"CheckpointID\":\"" + checkpoint + "\",\"CheckpointDir\":\"" + directory + "\"}"),
                http().delete("/containers/" + id + "/checkpoints/" + checkpoint.replace("/", "%2f")),
                http().get("/containers/" + id + "/checkpoints"))) {
            assertThat(answer.status()).as(answer.text()).isGreaterThanOrEqualTo(400);
        }
        Answer restored = http().post("/containers/create", "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"]}");
        String other = restored.json().path("Id").asString();
        http().post("/containers/" + other + "/start?checkpoint=" + checkpoint + "&checkpoint-dir=" + directory);
        assertThat(files().stream().filter(file -> !file.toString().contains(other)))
                .containsExactlyElementsOf(before);
        remove(other);
        remove(id);
    }

    /** All but the database and what is on its way into it, which come and go by themselves, also while they are listed. */
    private static List<Path> files() throws IOException {
        Set<Path> files = new TreeSet<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path found, BasicFileAttributes attributes) {
                files.add(found);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = file.getFileName().toString();
                if (!name.endsWith(".db") && !name.startsWith("containers.changes")) {
                    files.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
        return List.copyOf(files);
    }

    /** moby 80c22f0982: what confines a container is the same at each start, also of a privileged one, and by a new engine. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\"Privileged\":true",
                "\"Privileged\":true,\"SecurityOpt\":[\"no-new-privileges\"]",
                "\"CapAdd\":[\"NET_ADMIN\"],\"CapDrop\":[\"CHOWN\"],\"SecurityOpt\":[\"seccomp=unconfined\"]",
                "\"MaskedPaths\":[\"/proc/x\"],\"ReadonlyPaths\":[],\"ReadonlyRootfs\":true,\"UsernsMode\":\"auto\""
            })
    void aContainerIsConfinedTheSameAtEveryStart(String host) throws IOException {
        String id = run(",\"HostConfig\":{" + host + "}");
        String first = confinement();
        assertThat(http().post("/containers/" + id + "/restart?t=0").status()).isEqualTo(204);
        assertThat(confinement()).isEqualTo(first);
        engine.stop();
        engine.start();
        assertThat(http().post("/containers/" + id + "/restart?t=0").status()).isEqualTo(204);
        assertThat(confinement()).isEqualTo(first);
        remove(id);
    }

    private static String confinement() {
        ContainerLaunch launch = lastLaunch();
        return String.join(
                "\n",
                launch.process().toString(),
                launch.privileged() + " " + launch.readonlyRoot(),
                launch.maskedPaths().toString(),
                launch.readonlyPaths().toString(),
                // The namespace that is made at each start is another one each time.
                launch.isolation().withNetwork(new NamespaceChoice.Private()).toString(),
                launch.devices().toString());
    }

    /** CVE-2021-41091, CVE-2024-25621: nobody but root sees what the engine keeps, whatever its umask is. */
    @Test
    void nobodyElseSeesWhatTheEngineHas() throws IOException {
        String id = run("");
        Path data = engine.dataDirectory();
        for (Path path : List.of(
                data, data.resolve("containers"), data.resolve("containers").resolve(id))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .as(path.toString())
                    .isEqualTo("rwx------");
        }
        remove(id);
    }

    /** CVE-2022-31030, CVE-2025-64329: clients that come and go, and windows that change size, leave nothing. */
    @Test
    void clientsThatComeAndGoLeaveNothing() throws IOException {
        String id = run(",\"Tty\":true,\"OpenStdin\":true");
        cycles(id, 200);
        int threads = Thread.activeCount();
        long heap = LiveHeap.bytes();
        cycles(id, 3000);
        assertThat(LiveHeap.bytes() - heap).as("bytes of heap").isLessThan(32L << 20);
        assertThat(Thread.activeCount()).isLessThan(threads + 30);
        remove(id);
    }

    private static void cycles(String id, int count) throws IOException {
        List<Integer> refused = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            try (RawHttp.Connection attach = http().open()) {
                attach.request(
                        "POST",
                        "/containers/" + id + "/attach?stream=1&stdin=1&stdout=1",
                        null,
                        "Connection: Upgrade\r\nUpgrade: tcp\r\n");
                assertThat(attach.readHead()).isEqualTo(101);
                if (i % 2 == 0) {
                    attach.write(new byte[] {16, 17}); // the detach keys; the others hang up
                    assertThat(attach.in().read()).isEqualTo(-1);
                } else {
                    attach.write("x".getBytes(StandardCharsets.US_ASCII));
                }
            }
            int status = http().post("/containers/" + id + "/resize?h=" + (i % 200 + 1) + "&w=80")
                    .status();
            if (status != 200) {
                refused.add(status);
            }
        }
        assertThat(refused).isEmpty();
    }
}
