package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.event.EngineEvent;
import io.berth.engine.event.EngineEvents;
import io.berth.engine.fixture.EngineFixture;
import io.berth.engine.fixture.RawHttp;
import io.berth.engine.fixture.RawHttp.Answer;
import io.berth.engine.runtime.MountLaunch;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Volumes and mounts over HTTP, over a fake kernel. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class VolumeApiTest {
    @TempDir
    static Path directory;

    static EngineFixture engine;
    static RawHttp http;

    @BeforeAll
    static void start() throws IOException {
        engine = new EngineFixture(directory);
        http = engine.http();
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    private static JsonNode volume(String json) throws IOException {
        Answer answer = http.post("/volumes/create", json);
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.json();
    }

    private static Answer create(String hostConfig, String more) throws IOException {
        return http.post(
                "/containers/create",
                "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"]" + more + ",\"HostConfig\":{" + hostConfig + "}}");
    }

    private static String container(String hostConfig) throws IOException {
        Answer answer = create(hostConfig, "");
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.json().path("Id").asString();
    }

    private static void refused(String hostConfig, int status, String message) throws IOException {
        Answer answer = create(hostConfig, "");
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json().path("message").asString()).isEqualTo(message);
    }

    private static JsonNode mounts(String id) throws IOException {
        return http.get("/containers/" + id + "/json").json().path("Mounts");
    }

    private static List<String> names(String filters) throws IOException {
        List<String> names = new ArrayList<>();
        http.get("/volumes?filters=" + URLEncoder.encode(filters, StandardCharsets.UTF_8))
                .json()
                .path("Volumes")
                .forEach(volume -> names.add(volume.path("Name").asString()));
        return names;
    }

    @Test
    void aVolumeIsMadeOnceAndRemoved() throws IOException {
        JsonNode made = volume("{\"Name\":\"once\",\"Labels\":{\"a\":\"b\"}}");
        assertThat(made.path("Driver").asString()).isEqualTo("local");
        assertThat(made.path("Scope").asString()).isEqualTo("local");
        assertThat(made.path("Options").isNull()).isTrue();
        assertThat(made.path("CreatedAt").asString()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
        Path data = Path.of(made.path("Mountpoint").asString());
        assertThat(data).endsWithRaw(Path.of("volumes/once/_data"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                .isEqualTo("rwxr-xr-x");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.getParent())))
                .isEqualTo("rwx-----x");

        assertThat(volume("{\"Name\":\"once\",\"Labels\":{\"c\":\"d\"}}")).isEqualTo(made);
        assertThat(http.get("/volumes/once").json()).isEqualTo(made);
        assertThat(http.send("DELETE", "/volumes/once", null).status()).isEqualTo(204);
        assertThat(data.getParent()).doesNotExist();
        Answer gone = http.get("/volumes/once");
        assertThat(gone.status()).isEqualTo(404);
        assertThat(gone.json().path("message").asString()).isEqualTo("get once: no such volume");
        assertThat(http.send("DELETE", "/volumes/once", null).status()).isEqualTo(404);
        assertThat(http.send("DELETE", "/volumes/once?force=1", null).status()).isEqualTo(204);
    }

    @Test
    void wrongRequestsAreRefusedInDockersWords() throws IOException {
        Answer name = http.post("/volumes/create", "{\"Name\":\"../x\"}");
        assertThat(name.status()).isEqualTo(400);
        assertThat(name.json().path("message").asString())
                .isEqualTo("create ../x: \"../x\" includes invalid characters for a local volume name, only"
                        + " \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use"
                        + " absolute path");
        assertThat(http.post("/volumes/create", "{\"Name\":\"x\"}").text()).contains("volume name is too short");
        Answer option = http.post("/volumes/create", "{\"Name\":\"opt\",\"DriverOpts\":{\"x\":\"y\"}}");
        assertThat(option.json().path("message").asString()).isEqualTo("create opt: invalid option: \"x\"");
        Answer driver = http.post("/volumes/create", "{\"Name\":\"drv\",\"Driver\":\"nfs\"}");
        assertThat(driver.status()).isEqualTo(404);
        assertThat(driver.json().path("message").asString())
                .isEqualTo("create drv: error looking up volume plugin nfs: plugin \"nfs\" not found");
        assertThat(http.post("/volumes/create", "{\"Name\":\"clu\",\"ClusterVolumeSpec\":{}}")
                        .status())
                .isEqualTo(503);
        assertThat(http.send("PUT", "/volumes/any?version=1", "{}").status()).isEqualTo(503);
    }

    @Test
    void aVolumeInUseStays() throws IOException {
        String id = container("\"Binds\":[\"used-one:/data\"]");
        Answer refused = http.send("DELETE", "/volumes/used-one?force=1", null);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().path("message").asString())
                .isEqualTo("remove used-one: volume is in use - [" + id + "]");
        assertThat(http.send("DELETE", "/containers/" + id + "?v=1", null).status())
                .isEqualTo(204);
        assertThat(http.send("DELETE", "/volumes/used-one", null).status()).isEqualTo(204);
    }

    @Test
    void listIsFiltered() throws IOException {
        volume("{\"Name\":\"list-a\",\"Labels\":{\"k\":\"1\"}}");
        volume("{\"Name\":\"list-b\",\"Labels\":{\"k\":\"2\"}}");
        String id = container("\"Binds\":[\"list-b:/data\"]");
        assertThat(names("{\"name\":[\"list-\"]}")).containsExactly("list-a", "list-b");
        assertThat(names("{\"name\":[\"^list-a$\"]}")).containsExactly("list-a");
        assertThat(names("{\"label\":[\"k=2\"]}")).containsExactly("list-b");
        assertThat(names("{\"name\":[\"list-\"],\"dangling\":[\"true\"]}")).containsExactly("list-a");
        assertThat(names("{\"name\":[\"list-\"],\"dangling\":[\"0\"]}")).containsExactly("list-b");
        assertThat(names("{\"driver\":[\"other\"]}")).isEmpty();
        assertThat(http.get("/volumes?filters=%7B%22x%22%3A%5B%22y%22%5D%7D").status())
                .isEqualTo(400);
        http.send("DELETE", "/containers/" + id, null);
    }

    @Test
    void pruneTakesWhatNobodyNamedUnlessAskedForAll() throws IOException {
        volume("{\"Name\":\"kept\",\"Labels\":{\"pr\":\"1\"}}");
        String anonymous = volume("{\"Labels\":{\"pr\":\"1\"}}").path("Name").asString();
        assertThat(anonymous).matches("[0-9a-f]{64}");
        Files.writeString(
                Path.of(http.get("/volumes/" + anonymous)
                                .json()
                                .path("Mountpoint")
                                .asString())
                        .resolve("f"),
                "12345");
        long used = usage(anonymous);
        assertThat(used).isGreaterThan(5);
        String labelled = "filters=%7B%22label%22%3A%5B%22pr%3D1%22%5D%7D";
        JsonNode first = http.post("/v1.42/volumes/prune?" + labelled).json();
        assertThat(first.path("VolumesDeleted").path(0).asString()).isEqualTo(anonymous);
        assertThat(first.path("VolumesDeleted").size()).isEqualTo(1);
        assertThat(first.path("SpaceReclaimed").asLong())
                .as("what it took on the disk, as df had shown")
                .isEqualTo(used);
        JsonNode second = http.post("/v1.41/volumes/prune?" + labelled).json();
        assertThat(second.path("VolumesDeleted").path(0).asString()).isEqualTo("kept");
    }

    private static long usage(String volume) throws IOException {
        for (JsonNode found : http.get("/v1.44/system/df?type=volume").json().path("Volumes")) {
            if (found.path("Name").asString().equals(volume)) {
                return found.path("UsageData").path("Size").asLong();
            }
        }
        throw new AssertionError("df does not tell of " + volume);
    }

    @Test
    void mountsAreSettledInDockersOrder() throws IOException {
        Answer made = create(
                "\"Binds\":[\"settled:/data:ro\",\"/nowhere/yet:/bound:rslave\"],"
                        + "\"Mounts\":[{\"Type\":\"tmpfs\",\"Target\":\"/mem\"}],\"Tmpfs\":{\"/fast\":\"size=1m\"}",
                ",\"Volumes\":{\"/data\":{},\"/kept\":{}}");
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        String id = made.json().path("Id").asString();
        JsonNode mounts = mounts(id);
        assertThat(mounts.size()).isEqualTo(4);
        JsonNode bound = mounts.path(0);
        assertThat(bound.path("Type").asString()).isEqualTo("bind");
        assertThat(bound.path("Source").asString()).isEqualTo("/nowhere/yet");
        assertThat(bound.path("Propagation").asString()).isEqualTo("rslave");
        assertThat(bound.has("Name")).isFalse();
        JsonNode data = mounts.path(1);
        assertThat(data.path("Name").asString()).isEqualTo("settled");
        assertThat(data.path("Driver").asString()).isEqualTo("local");
        assertThat(data.path("Mode").asString()).isEqualTo("ro");
        assertThat(data.path("RW").asBoolean()).isFalse();
        JsonNode kept = mounts.path(2);
        assertThat(kept.path("Name").asString()).matches("[0-9a-f]{64}");
        assertThat(kept.path("Mode").asString()).isEmpty();
        assertThat(mounts.path(3).path("Type").asString()).isEqualTo("tmpfs");

        // Not started for real: the directory of the bind would be made on this host.
        assertThat(http.get("/containers/json?all=1&filters=%7B%22volume%22%3A%5B%22settled%22%5D%7D")
                        .json()
                        .path(0)
                        .path("Id")
                        .asString())
                .isEqualTo(id);
        String anonymous = kept.path("Name").asString();
        assertThat(http.send("DELETE", "/containers/" + id + "?v=1", null).status())
                .isEqualTo(204);
        assertThat(http.get("/volumes/" + anonymous).status()).isEqualTo(404);
        assertThat(http.get("/volumes/settled").status()).isEqualTo(200);
    }

    @Test
    void wrongMountsAreRefused() throws IOException {
        refused("\"Binds\":[\"a1:/x\",\"b1:/x/\"]", 400, "Duplicate mount point: /x");
        refused("\"Binds\":[\"a1:/x\"],\"Tmpfs\":{\"/x\":\"\"}", 400, "Duplicate mount point: /x");
        refused("\"Binds\":[\"/x:/y:odd\"]", 400, "invalid mode: odd");
        refused("\"VolumesFrom\":[\"nobody\"]", 400, "No such container: nobody");
        refused("\"Tmpfs\":{\"x\":\"\"}", 400, "invalid mount path: 'x' mount path must be absolute");
        refused(
                "\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/no/such\",\"Target\":\"/x\"}]",
                400,
                "invalid mount config for type \"bind\": bind source path does not exist: /no/such");
        assertThat(names("{\"label\":[\"com.docker.volume.anonymous\"]}"))
                .as("volumes of containers that were not created")
                .isEmpty();
    }

    @Test
    void aRefusedCreateLeavesNoVolume() throws IOException {
        String _ = volume("{\"Name\":\"was-there\"}").path("Name").asString();
        List<String> before = names("");
        String binds =
                "\"Binds\":[\"was-there:/a\",\"fresh:/b\"],\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"fresh2\","
                        + "\"Target\":\"/c\"},{\"Type\":\"volume\",\"Target\":\"/d\"}]";
        for (String wrong : List.of(
                "\"Sysctls\":{\"kernel.panic\":\"1\"}",
                "\"VolumesFrom\":[\"nobody\"]",
                "\"Tmpfs\":{\"/b\":\"\"}",
                "\"IpcMode\":\"nobody\"")) {
            Answer refused = create(binds + "," + wrong, "");
            assertThat(refused.status()).as(wrong + ": " + refused.text()).isBetween(400, 409);
            assertThat(names("")).as(wrong).isEqualTo(before);
        }
        Answer made = create(binds, "");
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        assertThat(names("")).contains("was-there", "fresh", "fresh2").hasSize(before.size() + 3);
        String id = made.json().path("Id").asString();
        assertThat(engine.http().delete("/containers/" + id + "?v=1").status()).isEqualTo(204);
        for (String name : List.of("was-there", "fresh", "fresh2")) {
            assertThat(engine.http().delete("/volumes/" + name).status()).isEqualTo(204);
        }
    }

    @Test
    void containersShareVolumesAndTheLastTakesThemAlong() throws IOException {
        Answer first = create("", ",\"Volumes\":{\"/shared\":{}}");
        String owner = first.json().path("Id").asString();
        String volume = mounts(owner).path(0).path("Name").asString();
        String other = container("\"VolumesFrom\":[\"" + owner + ":ro\"]");
        assertThat(mounts(other).path(0).path("Name").asString()).isEqualTo(volume);
        assertThat(mounts(other).path(0).path("RW").asBoolean()).isFalse();
        assertThat(http.send("DELETE", "/containers/" + owner + "?v=1", null).status())
                .isEqualTo(204);
        assertThat(http.get("/volumes/" + volume).status()).isEqualTo(200);
        assertThat(http.send("DELETE", "/containers/" + other + "?v=1", null).status())
                .isEqualTo(204);
        assertThat(http.get("/volumes/" + volume).status()).isEqualTo(404);
    }

    @Test
    void eventsFollowAVolume() throws Exception {
        try (EngineEvents.Subscription events = engine.bean(EngineEvents.class).subscribe()) {
            String id = container("\"Binds\":[\"watched:/data\"],\"AutoRemove\":true");
            assertThat(http.post("/containers/" + id + "/start").status()).isEqualTo(204);
            List<MountLaunch> launched = engine.kernel().lastLaunch.mounts();
            assertThat(launched).singleElement().isInstanceOf(MountLaunch.Bind.class);
            assertThat(http.post("/containers/" + id + "/kill").status()).isEqualTo(204);
            List<String> seen = new ArrayList<>();
            while (!seen.contains("container destroy")) {
                EngineEvent event = events.next(10_000).orElseThrow(() -> new AssertionError(seen.toString()));
                seen.add(event.type() + " " + event.action());
                if (event.action().equals("mount")) {
                    assertThat(event.attributes())
                            .containsEntry("container", id)
                            .containsEntry("destination", "/data")
                            .containsEntry("driver", "local")
                            .containsEntry("propagation", "")
                            .containsEntry("read/write", "true");
                }
            }
            seen.remove("container kill");
            assertThat(seen)
                    .containsExactly(
                            "volume create",
                            "container create",
                            "network connect",
                            "volume mount",
                            "container start",
                            "network disconnect",
                            "volume unmount",
                            "container die",
                            "container destroy");
        }
        assertThat(http.get("/volumes/watched").status()).isEqualTo(200);
    }
}
