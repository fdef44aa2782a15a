package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.registry.TestRegistry.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clients push, pull and delete while collection runs all the time, with times so short that what it may take it takes at once. The
 * length is bounded; {@code -Dberth.test.soak-seconds=3600} and {@code -Dberth.test.kills=100} are the long forms.
 */
class SoakIT {
    private static final Logger LOG = LoggerFactory.getLogger(SoakIT.class);
    private static final int CLIENTS = 4;
    /** Bytes of an upload that are sent at once. */
    private static final int STEP = 128 * 1024;

    /** The time of grace must be longer than a push takes: {@code -Dberth.test.soak-grace=60s} for a long soak beside other work. */
    private static final String[] SETTINGS = {
        "--berth.registry.gc.grace=" + System.getProperty("berth.test.soak-grace", "5s"),
        "--berth.registry.gc.delay=1s",
        "--berth.registry.gc.untagged=true",
        "--berth.registry.gc.schedule.interval=20ms"
    };

    /** A process that has just started is slow, and its clients wait for each other. */
    private static final String[] SETTINGS_OF_KILLED = {
        "--berth.registry.gc.grace=30s",
        "--berth.registry.gc.delay=1s",
        "--berth.registry.gc.untagged=true",
        "--berth.registry.gc.schedule.interval=20ms"
    };

    /** Nobody pushes any more. */
    private static final String[] SETTINGS_OF_LAST = {
        "--berth.registry.gc.grace=5s",
        "--berth.registry.gc.delay=0s",
        "--berth.registry.gc.untagged=true",
        "--berth.registry.gc.schedule.interval=20ms"
    };

    @TempDir
    Path directory;

    private final long seed = System.nanoTime();

    @Test
    void clientsNoticeNothingOfCollection() throws Exception {
        try (TestRegistry registry = TestRegistry.start(directory, SETTINGS)) {
            Pushers pushers = new Pushers(registry, seed, false);
            pushers.start(CLIENTS);
            Thread.sleep(TimeUnit.SECONDS.toMillis(Long.getLong("berth.test.soak-seconds", 8)));
            pushers.stop();
            assertThat(pushers.errors()).as("seed " + seed).isEmpty();
            assertThat(pushers.pushes()).isGreaterThan(10);
            pushers.checkAll();
            assertEndsEmpty(registry, pushers);
        }
    }

    /** What is not there may be anything: when all is deleted, nothing may be left. */
    private void assertEndsEmpty(TestRegistry registry, Pushers pushers) throws Exception {
        pushers.deleteAll();
        for (String name : List.of("soak/r0", "soak/r1", "soak/r2", "soak/r3")) {
            for (int tag = 0; tag < 3; tag++) {
                registry.delete("/v2/" + name + "/manifests/t" + tag);
            }
        }
        Path blobs = registry.data().resolve("blobs");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(240);
        while (!files(blobs).isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(200);
        }
        assertThat(files(blobs)).as("orphans; seed " + seed).isEmpty();
        assertThat(files(registry.data().resolve("staging"))).isEmpty();
    }

    private static List<Path> files(Path root) throws Exception {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void nothingAcknowledgedIsLostToManyKills() throws Exception {
        Random random = new Random(seed);
        TestRegistry registry = new TestRegistry(directory);
        Pushers pushers = new Pushers(registry, seed, true);
        int kills = Integer.getInteger("berth.test.kills", 2);
        byte[] large = new byte[(kills + 2) * 3 * STEP];
        random.nextBytes(large);
        String upload = "";
        int sent = 0;
        int resumed = 0;
        for (int kill = 0; kill < kills; kill++) {
            try (RegistryProcess process = RegistryProcess.start(directory, SETTINGS_OF_KILLED)) {
                pushers.checkAll();
                if (upload.isEmpty()) {
                    upload = registry.post("/v2/soak/upload/blobs/uploads/").header("Location");
                } else {
                    // What was acknowledged is there, and of what was on its way when the process died as much as it
                    // says.
                    int kept = offset(registry, upload);
                    assertThat(kept).as("seed " + seed).isBetween(sent, sent + STEP);
                    resumed += kept > sent ? 1 : 0;
                    sent = kept;
                }
                assertThat(registry.patch(upload, large, sent, sent + STEP)).isEqualTo(202);
                sent += STEP;
                long before = pushers.pushes();
                pushers.start(CLIENTS);
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
                while (pushers.pushes() < before + 5 && System.nanoTime() < deadline) {
                    Thread.sleep(10); // a process that has just started is slow
                }
                Thread.sleep(random.nextInt(1000));
                RawClient.sendAndVanish(
                        directory,
                        "PATCH " + upload + " HTTP/1.1\r\nContent-Range: " + sent + "-" + (sent + 2 * STEP - 1)
                                + "\r\nContent-Length: " + 2 * STEP + "\r\n",
                        Arrays.copyOfRange(large, sent, sent + STEP),
                        () -> {
                            Thread.sleep(random.nextInt(50));
                            process.kill();
                            return null;
                        });
                pushers.stop();
                assertThat(pushers.errors()).as("seed " + seed).isEmpty();
            }
            LOG.atInfo()
                    .addKeyValue("kills", kill + 1)
                    .addKeyValue("pushes", pushers.pushes())
                    .addKeyValue("resumed", resumed)
                    .log("nothing lost so far");
        }
        try (TestRegistry last = TestRegistry.start(directory, SETTINGS_OF_LAST)) {
            pushers.checkAll();
            finish(last, upload, large);
            assertThat(last.send("POST", "/actuator/collection/scrub", Map.of(), null)
                            .text())
                    .contains("\"damaged\":0");
            assertEndsEmpty(registry, pushers);
        }
        assertThat(pushers.pushes()).isGreaterThan(kills);
    }

    private static void finish(TestRegistry registry, String upload, byte[] large) {
        int sent = offset(registry, upload);
        Digest digest = Digest.sha256(large);
        Answer finished = registry.send(
                "PUT",
                upload + "?digest=" + digest,
                Map.of("Content-Range", sent + "-" + (large.length - 1)),
                Arrays.copyOfRange(large, sent, large.length));
        assertThat(finished.status()).as(finished.text()).isEqualTo(201);
        assertThat(registry.get("/v2/soak/upload/blobs/" + digest).body()).isEqualTo(large);
    }

    /** Where an upload that is not empty goes on. */
    private static int offset(TestRegistry registry, String upload) {
        return Integer.parseInt(registry.get(upload).header("Range").substring("0-".length())) + 1;
    }

    @Test
    void collectionTakesTheAbandonedPushOfAKilledRegistry() throws Exception {
        TestRegistry registry = new TestRegistry(directory);
        try (RegistryProcess process = RegistryProcess.start(directory, SETTINGS)) {
            registry.blob("soak/left", bytes("left"));
            process.kill();
        }
        assertThat(files(registry.data().resolve("blobs"))).hasSize(1);
        try (TestRegistry again = TestRegistry.start(directory, SETTINGS_OF_LAST)) {
            assertEndsEmpty(again, new Pushers(again, seed, true));
        }
    }
}
