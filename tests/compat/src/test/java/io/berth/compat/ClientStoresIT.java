package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images and caches that a client has in directories of its own, which builds read and write through its session. */
@CompatTest
@BerthOnly
class ClientStoresIT {
    private static final String NAME = "berth-test/stores";

    @TempDir
    Path context;

    @TempDir
    Path outside;

    private final Target target;

    ClientStoresIT(Target target) {
        this.target = target;
    }

    @BeforeEach
    @AfterEach
    void forgetEverything() {
        target.removeImages(NAME);
        target.docker().ok("builder", "prune", "-af");
    }

    private void dockerfile(String... lines) throws IOException {
        Files.writeString(context.resolve("Dockerfile"), String.join("\n", lines) + "\n");
    }

    private Outcome attempt(String... options) {
        List<String> command = new ArrayList<>(List.of("buildx", "build", "--progress=plain"));
        command.addAll(List.of(options));
        command.add(context.toString());
        return target.docker().run(command.toArray(String[]::new));
    }

    private String build(String... options) {
        return attempt(options).exited(0).err();
    }

    private static String shell(String script) {
        return Running.run(List.of("sh", "-ec", script), Map.of(), new byte[0], Duration.ofMinutes(1))
                .ok();
    }

    /** A layout with one image, whose file {@code /brought} has this text. */
    private Path layout(String text) throws IOException {
        dockerfile("FROM " + Target.IMAGE, "RUN echo " + text + " > /brought");
        Path archive = outside.resolve("image.tar");
        build("-o", "type=oci,name=brought:latest,dest=" + archive);
        Path layout = outside.resolve("layout");
        shell("mkdir " + layout + "; tar -xf " + archive + " -C " + layout);
        return layout;
    }

    @Test
    void layoutsAreImagesForBuilds() throws IOException {
        Path layout = layout("by-the-client");
        forgetEverything();
        dockerfile("FROM base", "COPY --from=base /brought /copied", "RUN cat /brought /copied > /both");
        build("-t", NAME, "--build-context", "base=oci-layout://" + layout);
        assertThat(target.docker().ok("run", "--rm", NAME, "cat", "/both")).isEqualTo("by-the-client\nby-the-client");
    }

    @Test
    void aLayoutThatLiesIsRefused() throws IOException {
        Path layout = layout("honest");
        forgetEverything();
        // The index names a digest that the manifest does not have.
        shell("cd " + layout + "; m=$(grep -o 'sha256:[0-9a-f]*' index.json | head -1 | cut -d: -f2); f="
                + "0".repeat(64) + "; cp blobs/sha256/$m blobs/sha256/$f; sed -i s/$m/$f/ index.json");
        dockerfile("FROM base", "RUN true");
        assertThat(attempt("-t", NAME, "--build-context", "base=oci-layout://" + layout)
                        .exited(1)
                        .err())
                .contains("sha256:" + "0".repeat(64));
    }

    @Test
    void cachesGoToADirectoryAndComeBack() throws IOException {
        Path cache = outside.resolve("cache");
        dockerfile(
                "FROM " + Target.IMAGE + " AS early",
                "RUN cat /proc/sys/kernel/random/uuid > /early",
                "FROM " + Target.IMAGE,
                "COPY --from=early /early /early",
                "RUN cat /proc/sys/kernel/random/uuid > /late");
        build("-t", NAME, "--cache-to", "type=local,mode=max,dest=" + cache);
        assertThat(cache.resolve("index.json")).content().contains("sha256:");
        String before = target.docker().ok("run", "--rm", NAME, "cat", "/early", "/late");
        forgetEverything();
        assertThat(build("-t", NAME, "--cache-from", "type=local,src=" + cache)).contains("CACHED");
        assertThat(target.docker().ok("run", "--rm", NAME, "cat", "/early", "/late"))
                .isEqualTo(before);
        // A directory that has none yet only makes the build slower.
        build("-t", NAME, "--cache-from", "type=local,src=" + outside.resolve("none"));
    }

    @Test
    void cacheMountsGoAlongWhereTheyAreWanted() throws IOException {
        Path cache = outside.resolve("cache");
        String run = "RUN --mount=type=cache,id=stores-it,target=/kept ";
        dockerfile("FROM " + Target.IMAGE, run + "echo first >> /kept/log; ln -s log /kept/link; chmod 600 /kept/log");
        build("-t", NAME, "--cache-to", "type=local,cache-mounts=true,dest=" + cache);
        forgetEverything();
        dockerfile("FROM " + Target.IMAGE, run + "echo second >> /kept/log; cat /kept/link; stat -c %a /kept/log");
        assertThat(build("-t", NAME, "--cache-from", "type=local,src=" + cache)).contains("first", "second", " 600");
        dockerfile("FROM " + Target.IMAGE, run + "ls -a /kept; echo own");
        assertThat(build("-t", NAME))
                .as("what is imported is for those who name it")
                .contains(" own")
                .doesNotContain(" log");
    }

    @Test
    void onlyFilesThatAreNeededTravel() throws IOException {
        Files.write(context.resolve("large"), new byte[3 << 20]);
        Files.createDirectories(context.resolve("dir/deep"));
        Files.writeString(context.resolve("dir/deep/wanted"), "wanted");
        Files.writeString(context.resolve("target"), "target");
        Files.createSymbolicLink(context.resolve("link"), Path.of("target"));
        dockerfile("FROM " + Target.IMAGE, "COPY link dir/d*p/wanted /files/");
        assertThat(build("-t", NAME)).doesNotContainPattern("transferring context: [0-9.]+MB");
        assertThat(target.docker().ok("run", "--rm", NAME, "cat", "/files/link", "/files/wanted"))
                .isEqualTo("targetwanted");
        dockerfile("FROM " + Target.IMAGE, "ARG WHAT=large", "COPY $WHAT /it");
        build("-t", NAME);
        dockerfile("FROM " + NAME, "ONBUILD COPY large /again");
        build("-t", NAME + ":trigger");
        dockerfile("FROM " + NAME + ":trigger", "COPY target /target");
        build("-t", NAME);
        assertThat(target.docker().ok("run", "--rm", NAME, "stat", "-c", "%s", "/it", "/again", "/target"))
                .isEqualTo("3145728\n3145728\n6");
    }
}
