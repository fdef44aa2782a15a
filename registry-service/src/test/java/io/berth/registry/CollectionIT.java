package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static io.berth.registry.TestRegistry.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What collection takes and what it leaves, and what a scrub finds. */
class CollectionIT {
    /** Longer than any test takes: time passes when a test says so. */
    private static final int GRACE_HOURS = 2;

    private static final String[] SETTINGS = {
        "--berth.registry.gc.grace=" + GRACE_HOURS + "h",
        "--berth.registry.gc.delay=0s",
        "--berth.registry.gc.untagged=true",
        "--berth.registry.gc.schedule.interval=1h"
    };

    @TempDir
    static Path directory;

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private static TestRegistry registry;

    @BeforeAll
    static void start() throws IOException {
        registry = TestRegistry.start(directory, SETTINGS);
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    /** Each test begins with an empty registry; that all of the one before goes is shown besides. */
    @AfterEach
    void empty() throws Exception {
        try (Connection database = registry.database().getConnection();
                Statement statement = database.createStatement();
                ResultSet manifests = statement.executeQuery(
                        "select r.name, m.digest from manifest m join repository r on r.id = m.repository_id")) {
            while (manifests.next()) {
                registry.delete("/v2/" + manifests.getString(1) + "/manifests/" + manifests.getString(2));
            }
        }
        collectAll();
        assertThat(files()).isEmpty();
    }

    private String work(String name) {
        Answer answer = registry.send("POST", "/actuator/collection/" + name, Map.of(), null);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.text();
    }

    /** Makes all that is waiting for its time wait for some hours less. */
    private void pass(int hours) throws SQLException {
        try (Connection database = registry.database().getConnection();
                Statement statement = database.createStatement()) {
            for (String time :
                    List.of("blob_link.unreferenced_since", "manifest.untagged_since", "content_removal.due_at")) {
                String column = time.substring(time.indexOf('.') + 1);
                statement.executeUpdate("update " + time.substring(0, time.indexOf('.')) + " set " + column + " = "
                        + column + " - interval '" + hours + "' hour");
            }
        }
    }

    /** Lets the time of grace pass and collects, as often as garbage may lead to garbage. */
    private void collectAll() throws SQLException {
        for (int i = 0; i < 3; i++) {
            pass(GRACE_HOURS);
            work("run");
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(registry.data().resolve("blobs"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private void push(String repository, String reference, byte[] manifest) {
        Answer answer = registry.put("/v2/" + repository + "/manifests/" + reference, MediaType.OCI_MANIFEST, manifest);
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    }

    private int status(String path) {
        return registry.get("/v2/" + path).status();
    }

    private double reclaimed() {
        return Person.json(registry.get("/actuator/metrics/registry.gc.reclaimed"))
                .path("measurements")
                .path(0)
                .path("value")
                .asDouble();
    }

    @Test
    void takesBlobsThatNoManifestNamesAndSaysSoBefore() throws Exception {
        Digest garbage = registry.blob("a/one", bytes("garbage"));
        Digest config = registry.blob("a/one", bytes("config"));
        push("a/one", "t", manifest(config, 6, ""));
        pass(GRACE_HOURS - 1);
        assertThat(work("run")).as("within the time of grace").contains("\"links\":0");

        pass(1);
        double reclaimed = reclaimed();
        String expected = "\"links\":1,\"blobs\":1,\"blobBytes\":7";
        assertThat(registry.get("/actuator/collection").text()).contains(expected);
        assertThat(status("a/one/blobs/" + garbage))
                .as("a dry run changes nothing")
                .isEqualTo(200);
        assertThat(work("run")).contains(expected, "\"contents\":1,\"contentBytes\":7");

        assertThat(status("a/one/blobs/" + garbage)).isEqualTo(404);
        assertThat(status("a/one/blobs/" + config)).isEqualTo(200);
        assertThat(status("a/one/manifests/t")).isEqualTo(200);
        assertThat(files()).hasSize(2);
        assertThat(reclaimed() - reclaimed).isEqualTo(7.0);
        assertThat(work("run"))
                .isEqualTo(
                        "{\"manifests\":0,\"links\":0,\"blobs\":0,\"blobBytes\":0,\"contents\":0,\"contentBytes\":0}");
    }

    @Test
    void keepsWhatAnotherRepositoryHas() throws Exception {
        Digest shared = registry.blob("a/one", bytes("shared"));
        byte[] manifest = manifest(shared, 6, "");
        push("a/one", "t", manifest);
        assertThat(registry.post("/v2/a/two/blobs/uploads/?mount=" + shared + "&from=a/one")
                        .status())
                .isEqualTo(201);
        push("a/two", "t", manifest);
        registry.delete("/v2/a/one/manifests/" + Digest.sha256(manifest));

        collectAll();
        assertThat(status("a/one/blobs/" + shared)).isEqualTo(404);
        assertThat(status("a/two/blobs/" + shared)).isEqualTo(200);
        assertThat(status("a/two/manifests/t")).isEqualTo(200);
        registry.delete("/v2/a/two/manifests/" + Digest.sha256(manifest));
        collectAll();
        assertThat(files()).isEmpty();
    }

    @Test
    void takesManifestsThatNothingKeeps() throws Exception {
        Digest config = registry.blob("a/one", bytes("config"));
        byte[] member = manifest(config, 6, ",\"annotations\":{\"is\":\"member\"}");
        byte[] old = manifest(config, 6, ",\"annotations\":{\"is\":\"old\"}");
        byte[] current = manifest(config, 6, ",\"annotations\":{\"is\":\"current\"}");
        byte[] signature = manifest(
                config,
                6,
                ",\"subject\":{\"mediaType\":\"" + MediaType.OCI_MANIFEST + "\",\"digest\":\"" + Digest.sha256(current)
                        + "\",\"size\":" + current.length + "}");
        byte[] index = bytes("{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_INDEX
                + "\",\"manifests\":[{\"mediaType\":\"" + MediaType.OCI_MANIFEST + "\",\"digest\":\""
                + Digest.sha256(member) + "\",\"size\":" + member.length + "}]}");
        push("a/one", Digest.sha256(member).toString(), member);
        assertThat(registry.put("/v2/a/one/manifests/index", MediaType.OCI_INDEX, index)
                        .status())
                .isEqualTo(201);
        push("a/one", "t", old);
        push("a/one", "t", current);
        push("a/one", Digest.sha256(signature).toString(), signature);

        pass(GRACE_HOURS);
        assertThat(registry.get("/actuator/collection").text()).contains("\"manifests\":1");
        collectAll();
        assertThat(status("a/one/manifests/" + Digest.sha256(old))).isEqualTo(404);
        for (byte[] kept : List.of(member, index, current, signature)) {
            assertThat(status("a/one/manifests/" + Digest.sha256(kept))).isEqualTo(200);
        }

        registry.delete("/v2/a/one/manifests/index");
        registry.delete("/v2/a/one/manifests/t");
        for (int i = 0; i < 3; i++) {
            collectAll();
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void leavesToAPushWhatItHasAskedFor() throws Exception {
        Digest config = registry.blob("a/one", bytes("config"));
        for (int i = 0; i < 5; i++) {
            pass(GRACE_HOURS - 1);
            assertThat(registry.head("/v2/a/one/blobs/" + config).status()).isEqualTo(200);
            work("run");
        }
        push("a/one", "t", manifest(config, 6, ""));
        collectAll();
        assertThat(status("a/one/blobs/" + config)).isEqualTo(200);
    }

    @Test
    void takesNothingOfWhatAnEarlierVersionStored() throws Exception {
        Digest config = registry.blob("a/one", bytes("config"));
        push("a/one", "t", manifest(config, 6, ""));
        try (Connection database = registry.database().getConnection();
                Statement statement = database.createStatement()) {
            statement.execute("delete from manifest_content");
            statement.execute("update manifest set contents_recorded = false");
            statement.execute(
                    "update blob_link set unreferenced_since = timestamp with time zone '2020-01-01 00:00:00Z'");
        }
        collectAll();
        assertThat(status("a/one/blobs/" + config)).isEqualTo(200);
        registry.delete("/v2/a/one/manifests/" + Digest.sha256(manifest(config, 6, "")));
        collectAll();
        assertThat(files()).isEmpty();
    }

    @Test
    void aScrubFindsDamageAndAPushHealsIt() throws Exception {
        Digest config = registry.blob("a/one", bytes("config"));
        push("a/one", "t", manifest(config, 6, ""));
        assertThat(work("scrub")).isEqualTo("{\"blobs\":2,\"damaged\":0,\"orphans\":0}");
        Path file = files().stream()
                .filter(path -> path.toString().contains(config.hex()))
                .findFirst()
                .orElseThrow();
        Files.write(file, bytes("conFig"));
        assertThat(work("scrub")).isEqualTo("{\"blobs\":2,\"damaged\":1,\"orphans\":0}");
        assertThat(registry.get("/actuator/metrics/registry.scrub.damaged").text())
                .contains("\"value\":1.0");
        assertThat(registry.head("/v2/a/one/blobs/" + config).status())
                .as("so that clients push it again")
                .isEqualTo(404);

        registry.blob("a/one", bytes("config"));
        assertThat(registry.head("/v2/a/one/blobs/" + config).status()).isEqualTo(200);
        assertThat(registry.get("/v2/a/one/blobs/" + config).text()).isEqualTo("config");
        assertThat(work("scrub")).isEqualTo("{\"blobs\":2,\"damaged\":0,\"orphans\":0}");
    }

    @Test
    void removesContentThatNothingNamesOnceItIsOld() throws Exception {
        registry.blob("a/one", bytes("blob"));
        Path shard = Objects.requireNonNull(files().getFirst().getParent());
        Path young = Files.write(shard.resolve("ab.young"), bytes("x"));
        Path old = Files.write(shard.resolve("ab.old"), bytes("x"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(1))));
        assertThat(work("scrub")).contains("\"orphans\":1");
        work("run");
        assertThat(old).doesNotExist();
        assertThat(young).exists();
        assertThat(files()).hasSize(2);
        Files.delete(young);
    }

    @Test
    void otherWorkIsRefused() {
        assertThat(registry.send("POST", "/actuator/collection/other", Map.of(), null)
                        .status())
                .isEqualTo(400);
    }
}
