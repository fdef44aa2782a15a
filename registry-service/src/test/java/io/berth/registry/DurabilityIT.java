package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.client.ResourceAccessException;

/** What was acknowledged is there after a kill -9 in the middle of pushes. */
class DurabilityIT {
    private static final int WRITERS = 4;

    @TempDir
    Path directory;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    private Process fork(TestRegistry registry) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                RegistryServiceApplication.class.getName()));
        command.addAll(List.of(TestRegistry.arguments(directory)));
        File log = directory.resolve("log").toFile();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
        started.add(process);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!answers(registry)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new AssertionError("registry did not start:\n" + Files.readString(log.toPath()));
            }
            Thread.sleep(50);
        }
        return process;
    }

    private static boolean answers(TestRegistry registry) {
        try {
            return registry.get("/v2/").status() == 200;
        } catch (ResourceAccessException e) {
            return false;
        }
    }

    @Test
    void nothingAcknowledgedIsLostToAKill() throws Exception {
        TestRegistry registry = new TestRegistry(directory);
        Process first = fork(registry);
        String upload = registry.post("/v2/a/resumed/blobs/uploads/").header("Location");
        registry.send("PATCH", upload, Map.of("Content-Range", "0-4"), bytes("hello"));

        ConcurrentMap<String, byte[]> acknowledged = new ConcurrentHashMap<>();
        AtomicInteger next = new AtomicInteger();
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            writers.add(Thread.ofVirtual().start(() -> pushUntilKilled(registry, next, acknowledged)));
        }
        while (acknowledged.size() < 100) {
            Thread.sleep(10);
        }
        first.destroyForcibly().waitFor(); // SIGKILL
        for (Thread writer : writers) {
            writer.join();
        }

        Path orphan = Files.writeString(
                registry.data().resolve("uploads/00000000-0000-4000-8000-000000000000"), "left by a kill");
        Path staged = Files.writeString(registry.data().resolve("staging/left"), "left by a kill");
        fork(registry);
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(100);
        acknowledged.forEach((tag, manifest) -> {
            Answer answer = registry.get("/v2/a/durable/manifests/" + tag);
            assertThat(answer.status()).as(tag).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(manifest);
            assertThat(registry.get("/v2/a/durable/blobs/" + Digest.sha256(bytes(tag)))
                            .text())
                    .isEqualTo(tag);
        });
        assertThat(orphan).doesNotExist();
        assertThat(staged).doesNotExist();

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
