package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static io.berth.registry.TestRegistry.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** A backup made while everything is deleted, and what a registry makes of it. */
class BackupIT {
    private static final String[] SETTINGS = {
        "--berth.registry.gc.grace=1ms", "--berth.registry.gc.delay=1h", "--berth.registry.gc.schedule.interval=20ms"
    };

    @TempDir
    Path directory;

    @Test
    void aBackupHasEverythingThatWasThereWhenItBegan() throws Exception {
        Path first = Files.createDirectory(directory.resolve("first"));
        Path second = Files.createDirectory(directory.resolve("second"));
        Digest config;
        try (TestRegistry registry = TestRegistry.start(first, "--berth.registry.gc.schedule.interval=1h")) {
            config = registry.blob("a/one", bytes("config"));
            registry.put("/v2/a/one/manifests/t", MediaType.OCI_MANIFEST, manifest(config, 6, ""));
            Answer backup = registry.send("POST", "/actuator/backup", Map.of(), null);
            assertThat(backup.text()).contains("backup/db.zip");

            // Deleted after the database was copied and before the files are.
            registry.delete("/v2/a/one/manifests/" + Digest.sha256(manifest(config, 6, "")));
            registry.delete("/v2/a/one/blobs/" + config);
            registry.send("POST", "/actuator/collection/run", Map.of(), null);
            assertThat(registry.head("/v2/a/one/blobs/" + config).status()).isEqualTo(404);
            unzip(registry.data().resolve("backup/db.zip"), second.resolve("data/db"));
            FileSystemUtils.copyRecursively(registry.data().resolve("blobs"), second.resolve("data/blobs"));
        }
        try (TestRegistry restored = TestRegistry.start(second, SETTINGS)) {
            assertThat(restored.get("/v2/a/one/manifests/t").body()).isEqualTo(manifest(config, 6, ""));
            assertThat(restored.get("/v2/a/one/blobs/" + config).text()).isEqualTo("config");
            assertThat(restored.send("POST", "/actuator/collection/scrub", Map.of(), null)
                            .text())
                    .isEqualTo("{\"blobs\":2,\"damaged\":0,\"orphans\":0}");
        }
    }

    @Test
    void aScrubNamesWhatABackupLacks() throws Exception {
        try (TestRegistry registry = TestRegistry.start(directory)) {
            Digest digest = registry.blob("a/one", bytes("lost"));
            try (Stream<Path> files = Files.walk(registry.data().resolve("blobs"))) {
                Files.delete(files.filter(Files::isRegularFile).findFirst().orElseThrow());
            }
            assertThat(registry.send("POST", "/actuator/collection/scrub", Map.of(), null)
                            .text())
                    .contains("\"damaged\":1");
            assertThat(registry.head("/v2/a/one/blobs/" + digest).status()).isEqualTo(404);
        }
    }

    private static void unzip(Path archive, Path directory) throws IOException {
        Files.createDirectories(directory);
        try (InputStream in = Files.newInputStream(archive);
                ZipInputStream entries = new ZipInputStream(in)) {
            ZipEntry entry;
            while ((entry = entries.getNextEntry()) != null) {
                Files.copy(entries, directory.resolve(Path.of(entry.getName()).getFileName()));
            }
        }
    }
}
