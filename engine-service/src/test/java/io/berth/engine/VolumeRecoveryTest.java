package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.engine.container.ContainerStore;
import io.berth.engine.container.Containers;
import io.berth.engine.fixture.EngineFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an engine that was killed half way leaves of volumes is put in order by the next one. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class VolumeRecoveryTest {
    @TempDir
    Path directory;

    @Test
    void rowsAndDirectoriesAgreeAfterARestart() throws IOException {
        try (EngineFixture engine = new EngineFixture(directory)) {
            for (String name : new String[] {"whole", "removing", "lost"}) {
                assertThat(engine.http()
                                .post("/volumes/create", "{\"Name\":\"" + name + "\"}")
                                .status())
                        .isEqualTo(201);
            }
            engine.stop();
            Path volumes = engine.dataDirectory().resolve("volumes");
            Files.writeString(volumes.resolve("whole/_data/file"), "kept");
            Files.writeString(volumes.resolve("removing/_data/file"), "going");
            // A removal that was not finished, a creation that was not recorded, files without a row, a row without
            // files.
            Files.move(volumes.resolve("removing"), volumes.resolve(".removing/removing"));
            Files.createDirectories(volumes.resolve("begun/_data"));
            Files.createDirectories(volumes.resolve("found/_data/deep"));
            Files.delete(volumes.resolve("lost/_data"));
            Files.delete(volumes.resolve("lost"));

            engine.start();
            assertThat(volumes.resolve("whole/_data/file")).hasContent("kept");
            assertThat(engine.http().get("/volumes/whole").status()).isEqualTo(200);
            assertThat(engine.http().get("/volumes/removing").status()).isEqualTo(404);
            assertThat(volumes.resolve(".removing/removing")).doesNotExist();
            assertThat(engine.http().get("/volumes/begun").status()).isEqualTo(404);
            assertThat(volumes.resolve("begun")).doesNotExist();
            assertThat(engine.http().get("/volumes/found").status()).isEqualTo(200);
            assertThat(volumes.resolve("found/_data/deep")).exists();

            assertThat(engine.http()
                            .post(
                                    "/containers/create?name=user",
                                    "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"],\"HostConfig\":{\"Binds\":[\"lost:/x\"]}}")
                            .status())
                    .isEqualTo(201);
            assertThat(volumes.resolve("lost/_data")).isDirectory();

            engine.stop();
            engine.start();
            assertThat(engine.http().send("DELETE", "/volumes/lost", null).status())
                    .as("references come from the containers and so survive")
                    .isEqualTo(409);
        }
    }

    @Test
    void volumesWithoutANameGoWithContainersThatAnEngineWasKilledOver() throws IOException {
        try (EngineFixture engine = new EngineFixture(directory)) {
            String known = volumeOf(engine, "known");
            String vanished = volumeOf(engine, "vanished");
            String left = volumeOf(engine, "left");
            assertThat(engine.http().send("DELETE", "/containers/left", null).status())
                    .isEqualTo(204);
            Files.writeString(engine.dataDirectory().resolve("volumes/" + vanished + "/_data/file"), "going");
            // As if the engine had been killed before the row was written, or after it was deleted.
            engine.bean(ContainerStore.class)
                    .delete(engine.bean(Containers.class).find("vanished").id());
            engine.stop();

            engine.start();
            assertThat(engine.http().get("/volumes/" + known).status()).isEqualTo(200);
            assertThat(engine.http().get("/volumes/" + vanished).status()).isEqualTo(404);
            assertThat(engine.dataDirectory().resolve("volumes/" + vanished)).doesNotExist();
            assertThat(engine.http().get("/volumes/" + left).status())
                    .as("its container was removed without it")
                    .isEqualTo(200);
        }
    }

    private static String volumeOf(EngineFixture engine, String container) throws IOException {
        assertThat(engine.http()
                        .post(
                                "/containers/create?name=" + container,
                                "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"],\"Volumes\":{\"/x\":{}}}")
                        .status())
                .isEqualTo(201);
        return engine.http()
                .get("/containers/" + container + "/json")
                .json()
                .at("/Mounts/0/Name")
                .asString();
    }
}
