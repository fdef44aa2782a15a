package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Berth's own tests with a PostgreSQL server and an S3 service that are not ours: containers that Testcontainers starts on Berth, from an image that
 * Berth has built of Debian's packages. Two registry processes share both: {@link SharedStorageMain}. The S3 service is S3Proxy, which verifies
 * signatures and keeps objects as files.
 */
@CompatTest
@BerthOnly
class SharedStorageIT {
    private static final List<String> SCENARIOS = List.of(
            "an upload goes on in the other process",
            "a tag moves for both",
            "clients are sent to the bucket",
            "content of another digest is not kept",
            "a cancelled upload leaves nothing",
            "what nothing names goes from the bucket",
            "a process that begins anew finds all of it",
            "without the bucket a push fails and says so");

    private final Target target;
    private final Path root =
            Path.of(Objects.requireNonNull(System.getProperty("berth.root"), "berth.root is not set"));

    SharedStorageIT(Target target) {
        this.target = target;
    }

    @TestFactory
    List<DynamicTest> scenarios() throws IOException {
        Path directory = Files.createDirectories(target.scratch().resolve("shared-storage"));
        Path java = Path.of(System.getProperty("java.home")).toRealPath();
        Path s3 = root.resolve("tests/compat/target/s3proxy.jar");
        assertThat(s3).as("put there by Maven before these tests").isNotEmptyFile();
        buildDatabase(directory, java);
        ScenarioProcess process = new ScenarioProcess(target, directory);
        process.buildImages();
        List<String> arguments = List.of(
                directory.toString(),
                target.berth().runDirectory().toString(),
                Long.toString(target.berth().pidOf("registry")),
                java.toString(),
                s3.toString());
        List<DynamicTest> tests = new ArrayList<>(process.run(SharedStorageMain.class, arguments, SCENARIOS));
        tests.add(DynamicTest.dynamicTest("nothing is left", () -> {
            process.awaitReaper();
            process.removeImages();
            target.docker().ok("rmi", SharedStorageMain.POSTGRESQL, SharedStorageMain.PROGRAMS, "berth-test/root:1");
            target.docker().ok("builder", "prune", "-af");
        }));
        return tests;
    }

    /** PostgreSQL as the examples have it, on a root file system that needs no registry. */
    private void buildDatabase(Path directory, Path java) throws IOException {
        Path tar = directory.resolve("programs.tar");
        Running.run(
                        List.of(root.resolve("tests/compat/programs").toString(), java.toString(), tar.toString()),
                        Map.of(),
                        new byte[0],
                        Duration.ofMinutes(2))
                .ok();
        target.docker().ok("import", tar.toString(), "berth-test/root:1");
        Files.delete(tar);
        Path context = Files.createDirectories(directory.resolve("programs"));
        Files.writeString(context.resolve("Dockerfile"), """
                FROM berth-test/root:1
                RUN echo 'postgres:x:101:101::/var/lib/postgresql:/bin/sh' >>/etc/passwd && echo 'postgres:x:101:' >>/etc/group
                RUN mkdir -p /run /var && ln -s ../run /var/run
                ENV LANG=C.UTF-8
                """);
        target.docker().ok("build", "-q", "-t", SharedStorageMain.PROGRAMS, context.toString());
        String version = target.docker()
                .ok("run", "--rm", SharedStorageMain.PROGRAMS, "ls", "/usr/lib/postgresql")
                .strip();
        target.docker()
                .ok(
                        "build",
                        "-q",
                        "-t",
                        SharedStorageMain.POSTGRESQL,
                        "--build-arg",
                        "BASE=" + SharedStorageMain.PROGRAMS,
                        "--build-arg",
                        "VERSION=" + version,
                        root.resolve("examples/images/postgresql").toString());
    }
}
