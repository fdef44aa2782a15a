package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Testcontainers and docker-java, unmodified: {@link TestcontainersMain}. */
@CompatTest
class TestcontainersIT {
    private static final List<String> SCENARIOS = List.of(
            "waits for HTTP",
            "waits for a line of the log",
            "waits for a listening port",
            "waits for health",
            "a wait that is in vain tells why",
            "networks and aliases",
            "files both ways",
            "exec",
            "image from a Dockerfile",
            "compose",
            "reuse",
            "docker-java",
            "docker-java streams",
            "left for the reaper");

    private final Target target;

    TestcontainersIT(Target target) {
        this.target = target;
    }

    @TestFactory
    List<DynamicTest> scenarios() throws IOException {
        Path directory = Files.createDirectories(target.scratch().resolve("testcontainers"));
        ScenarioProcess process = new ScenarioProcess(target, directory);
        process.buildImages();
        List<DynamicTest> tests =
                new ArrayList<>(process.run(TestcontainersMain.class, List.of(directory.toString()), SCENARIOS));
        tests.add(DynamicTest.dynamicTest("the reaper removes what a run that was killed leaves", () -> {
            process.awaitReaper();
            assertThat(target.docker().ok("ps", "-aq", "--filter", "label=berth.test=left"))
                    .isEmpty();
            target.docker().run("rmi", "-f", "berth-test/testcontainers-image");
            process.removeImages();
        }));
        return tests;
    }
}
