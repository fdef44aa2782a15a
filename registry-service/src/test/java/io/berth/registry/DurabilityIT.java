package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.client.ResourceAccessException;

/** What was acknowledged is there after a kill -9 in the middle of pushes. */
class DurabilityIT {
    private static final int WRITERS = 4;

    @TempDir
    Path directory;

    @Test
    void nothingAcknowledgedIsLostToAKill() throws Exception {
        TestRegistry registry = new TestRegistry(directory);
        ConcurrentMap<String, byte[]> acknowledged = new ConcurrentHashMap<>();
        String upload;
        try (RegistryProcess process = RegistryProcess.start(directory)) {
            upload = registry.post("/v2/a/resumed/blobs/uploads/").header("Location");
            pushAndKill(registry, process, upload, acknowledged);
        }
        Path orphan = Files.writeString(
                registry.data().resolve("uploads/00000000-0000-4000-8000-000000000000"), "left by a kill");
        Path staged = Files.writeString(registry.data().resolve("staging/left"), "left by a kill");
        try (TestRegistry again = TestRegistry.start(directory)) {
            assertThat(orphan).doesNotExist();
            assertThat(staged).doesNotExist();
            check(again, upload, acknowledged);
        }
    }

    private static void pushAndKill(
            TestRegistry registry, RegistryProcess process, String upload, ConcurrentMap<String, byte[]> acknowledged)
            throws InterruptedException {
        registry.send("PATCH", upload, Map.of("Content-Range", "0-4"), bytes("hello"));

        AtomicInteger next = new AtomicInteger();
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            writers.add(Thread.ofVirtual().start(() -> pushUntilKilled(registry, next, acknowledged)));
        }
        while (acknowledged.size() < 100) {
            Thread.sleep(10);
        }
        process.kill();
        for (Thread writer : writers) {
            writer.join();
        }
    }

    private static void check(TestRegistry registry, String upload, ConcurrentMap<String, byte[]> acknowledged) {
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(100);
        acknowledged.forEach((tag, manifest) -> {
            Answer answer = registry.get("/v2/a/durable/manifests/" + tag);
            assertThat(answer.status()).as(tag).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(manifest);
            assertThat(registry.get("/v2/a/durable/blobs/" + Digest.sha256(bytes(tag)))
                            .text())
                    .isEqualTo(tag);
        });
        assertThat(registry.get(upload).header("Range")).isEqualTo("0-4");
        Digest digest = Digest.sha256(bytes("hello world"));
        Answer finished =
                registry.send("PUT", upload + "?digest=" + digest, Map.of("Content-Range", "5-10"), bytes(" world"));
        assertThat(finished.status()).as(finished.text()).isEqualTo(201);
    }

    private static void pushUntilKilled(
            TestRegistry registry, AtomicInteger next, ConcurrentMap<String, byte[]> acknowledged) {
        try {
            while (true) {
                String tag = "t" + next.incrementAndGet();
                Digest config = registry.blob("a/durable", bytes(tag));
                byte[] manifest = bytes("{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST
                        + "\",\"layers\":[],\"config\":{\"mediaType\":\"" + MediaType.OCI_CONFIG + "\",\"digest\":\""
                        + config + "\",\"size\":" + tag.length() + "}}");
                Answer answer = registry.put("/v2/a/durable/manifests/" + tag, MediaType.OCI_MANIFEST, manifest);
                if (answer.status() == 201) {
                    acknowledged.put(tag, manifest);
                }
            }
        } catch (ResourceAccessException e) {
            // killed
        }
    }
}
