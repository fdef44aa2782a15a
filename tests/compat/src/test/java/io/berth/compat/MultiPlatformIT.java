package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code docker buildx build --platform a,b}. */
@CompatTest
@BerthOnly
class MultiPlatformIT {
    private static final String NAME = "berth-test/multi";
    private static final String BOTH = "linux/amd64,linux/arm64";
    private static final int AARCH64 = 183;
    private static final int ELF_HEADER = 64;
    private static final int ELF_HEADERS = 120;
    private static final long ADDRESS = 0x400000;
    private static final Path EMULATOR = Path.of("/usr/bin/qemu-aarch64");
    /** The beginning of an ELF file, with something of this test's own where nobody looks. */
    private static final byte[] MARK = {0x7F, 'E', 'L', 'F', 2, 1, 1, 0, 0, 'b', 'e', 'r', 't', 'h', 1, 1};

    @TempDir
    Path context;

    @TempDir
    Path outside;

    private final Target target;

    MultiPlatformIT(Target target) {
        this.target = target;
    }

    @AfterEach
    void removeImages() {
        target.removeImages(NAME);
    }

    private void dockerfile(String... lines) throws IOException {
        Files.writeString(context.resolve("Dockerfile"), String.join("\n", lines) + "\n");
    }

    /** Is built on this machine for another. */
    private void crossDockerfile() throws IOException {
        dockerfile(
                "FROM --platform=$BUILDPLATFORM " + Target.IMAGE + " AS build",
                "ARG TARGETPLATFORM TARGETARCH",
                "RUN echo $TARGETPLATFORM > /out",
                "FROM scratch",
                "COPY --from=build /out /out");
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

    private static List<String> platforms(JsonNode index) {
        List<String> found = new ArrayList<>();
        index.path("manifests")
                .forEach(manifest -> found.add(manifest.at("/platform/os").asString() + "/"
                        + manifest.at("/platform/architecture").asString()));
        return found;
    }

    @Test
    void whatIsPushedIsAnIndexThatServesAsBaseForEach() throws IOException {
        crossDockerfile();
        String name = "localhost:" + target.berth().port() + "/multi/cross:1";
        assertThat(build("--platform", BOTH, "-t", name, "--push")).contains("[linux/arm64 build 2/2] RUN");
        JsonNode index = Skopeo.raw(target.berth(), name);
        assertThat(index.path("mediaType").asString()).isEqualTo("application/vnd.oci.image.index.v1+json");
        assertThat(platforms(index)).containsExactly("linux/amd64", "linux/arm64");
        assertThat(target.docker().ok("inspect", "-f", "{{.Architecture}}", name))
                .isEqualTo("amd64");

        target.docker().ok("rmi", name);
        dockerfile("FROM " + name, "COPY Dockerfile /more");
        Path trees = outside.resolve("trees");
        build("--platform", BOTH, "-o", "type=local,dest=" + trees);
        assertThat(trees.resolve("linux_amd64/out")).hasContent("linux/amd64\n");
        assertThat(trees.resolve("linux_arm64/out")).hasContent("linux/arm64\n");
        assertThat(trees.resolve("linux_arm64/more")).exists();
        assertThat(target.docker().ok("inspect", "-f", "{{.Architecture}}", name))
                .as("a name means this machine's image")
                .isEqualTo("amd64");

        // Pushed again under another name, by the engine's own push.
        String later = "localhost:" + target.berth().port() + "/multi/later:1";
        crossDockerfile();
        build("--platform", BOTH, "-t", NAME);
        target.docker().ok("tag", NAME, later);
        target.docker().ok("push", later);
        assertThat(platforms(Skopeo.raw(target.berth(), later))).containsExactly("linux/amd64", "linux/arm64");
        target.docker().ok("rmi", later, name);
    }

    @Test
    void archivesHaveAllPlatforms() throws IOException {
        crossDockerfile();
        Path oci = outside.resolve("image.oci");
        build("--platform", BOTH, "--provenance=true", "-o", "type=oci,dest=" + oci);
        assertThat(platforms(JsonMapper.shared()
                        .readTree(Skopeo.run("inspect", "--raw", "oci-archive:" + oci)
                                .ok())))
                .containsExactly("linux/amd64", "linux/arm64", "unknown/unknown", "unknown/unknown");
        assertThat(Skopeo.run(
                                "--override-arch",
                                "arm64",
                                "inspect",
                                "--format",
                                "{{.Architecture}}",
                                "oci-archive:" + oci)
                        .ok())
                .isEqualTo("arm64");
        Path tar = outside.resolve("trees.tar");
        build("--platform", BOTH, "-o", "type=tar,dest=" + tar);
        assertThat(Running.run(
                                List.of("tar", "-xOf", tar.toString(), "linux_arm64/out"),
                                Map.of(),
                                new byte[0],
                                Duration.ofMinutes(1))
                        .ok())
                .isEqualTo("linux/arm64");
        assertThat(attempt("--platform", BOTH, "-o", "type=docker,dest=" + outside.resolve("no"))
                        .exited(1)
                        .err())
                .contains("manifest list");
    }

    @Test
    void commandsOfAnotherMachineCannotRun() throws IOException {
        foreignImage(new byte[0]);
        dockerfile("FROM " + NAME + ":foreign", "RUN anything");
        assertThat(attempt("--platform", "linux/arm64", "-t", NAME).exited(1).err())
                .contains("exec format error");
    }

    /** As with {@code tonistiigi/binfmt} or Debian's qemu-user-static: the kernel has the emulator open, the image need not have it. */
    @Test
    void commandsOfAnotherMachineRunByAHandlerOfTheHosts() throws IOException {
        assumeThat(EMULATOR).as("Debian's qemu-user").exists();
        foreignImage(aarch64Program());
        dockerfile("FROM " + NAME + ":foreign", "RUN anything");
        try (Running handler = handler()) {
            Eventually.holds(
                    Duration.ofSeconds(10),
                    () -> handler.outUntilNow().contains("registered"),
                    () -> "no handler: " + handler.errUntilNow());
            build("--platform", "linux/arm64", "-t", NAME);
            assertThat(target.docker().ok("run", "--rm", "--platform", "linux/arm64", NAME))
                    .isEmpty();
        }
        Path trees = outside.resolve("built");
        dockerfile("FROM " + NAME);
        build("--platform", "linux/arm64", "-o", "type=local,dest=" + trees);
        assertThat(trees.resolve("made")).hasContent("by arm64\n");
    }

    /** For this test's program alone: what else runs on the machine is not to be handled otherwise. It goes with the mount. */
    private Running handler() {
        String rule = ":berth-test-aarch64:M::" + escaped(MARK) + "::" + EMULATOR + ":F";
        return Running.start(
                List.of(
                        "unshare",
                        "--mount",
                        "sh",
                        "-ec",
                        "mkdir -p \"$0\"; mount -t binfmt_misc none \"$0\"; printf '%s' \"$1\" > \"$0/register\"; echo registered; exec sleep 600",
                        outside.resolve("binfmt").toString(),
                        rule),
                Map.of());
    }

    private static String escaped(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte one : bytes) {
            text.append("\\x").append(HexFormat.of().toHexDigits(one));
        }
        return text.toString();
    }

    /** An image whose only program is of another machine, and is its shell. */
    private void foreignImage(byte[] code) throws IOException {
        Path root = outside.resolve("root");
        Files.createDirectories(root.resolve("bin"));
        ByteBuffer program = ByteBuffer.allocate(ELF_HEADERS + code.length).order(ByteOrder.LITTLE_ENDIAN);
        program.put(MARK);
        program.putShort(16, (short) 2); // ET_EXEC
        program.putShort(18, (short) AARCH64);
        program.putInt(20, 1); // EV_CURRENT
        program.putLong(24, ADDRESS + ELF_HEADERS); // entry
        program.putLong(32, ELF_HEADER); // program headers
        program.putShort(52, (short) ELF_HEADER);
        program.putShort(54, (short) (ELF_HEADERS - ELF_HEADER));
        program.putShort(56, (short) 1);
        program.putInt(64, 1); // PT_LOAD
        program.putInt(68, 5); // readable and executable
        program.putLong(80, ADDRESS);
        program.putLong(88, ADDRESS);
        program.putLong(96, program.capacity());
        program.putLong(104, program.capacity());
        program.putLong(112, 0x1000);
        program.put(ELF_HEADERS, code);
        Files.write(root.resolve("bin/sh"), program.array());
        assertThat(root.resolve("bin/sh").toFile().setExecutable(true)).isTrue();
        Path tar = outside.resolve("root.tar");
        Running.run(
                        List.of("tar", "-cf", tar.toString(), "-C", root.toString(), "bin"),
                        Map.of(),
                        new byte[0],
                        Duration.ofMinutes(1))
                .ok();
        target.docker()
                .ok(
                        "import",
                        "--platform",
                        "linux/arm64",
                        "--change",
                        "CMD [\"/bin/sh\"]",
                        tar.toString(),
                        NAME + ":foreign");
    }

    /** Writes a file and ends: openat, write, exit. */
    private static byte[] aarch64Program() {
        int[] code = {
            0x92800C60, // movn x0, #99 (AT_FDCWD)
            0x100001C1, // adr x1, +56 (path)
            0xD2804822, // movz x2, #0x241 (O_WRONLY | O_CREAT | O_TRUNC)
            0xD2803483, // movz x3, #0644
            0xD2800708, // movz x8, #56 (openat)
            0xD4000001, // svc #0
            0x10000161, // adr x1, +44 (text)
            0xD2800122, // movz x2, #9
            0xD2800808, // movz x8, #64 (write)
            0xD4000001, // svc #0
            0xD2800000, // movz x0, #0
            0xD2800BA8, // movz x8, #93 (exit)
            0xD4000001, // svc #0
            0xD503201F, // nop
            0xD503201F, // nop
        };
        byte[] path = "/made\0\0\0".getBytes(StandardCharsets.US_ASCII);
        byte[] text = "by arm64\n".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer program =
                ByteBuffer.allocate(code.length * 4 + path.length + text.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int word : code) {
            program.putInt(word);
        }
        return program.put(path).put(text).array();
    }
}
