package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks on the platform as a whole. See docs/THREAT_MODEL.md. */
@CompatTest
class AttackIT {
    private static final String MARK = "run-for-the-engine";

    private final Target target;

    AttackIT(Target target) {
        this.target = target;
    }

    /** CVE-2019-14271, CVE-2026-41567, CVE-2022-1227: what a container has in the place of tools and libraries is its own affair. */
    @Test
    void noProgramOfAContainerIsRunForTheEngine() throws IOException {
        String id = target.docker().ok("run", "-d", Target.IMAGE, "sleep", "1000");
        try {
            String plant = "for d in /bin /sbin /usr/bin /usr/sbin /usr/local/bin /usr/local/sbin; do"
                    + " for n in ps tar gzip gunzip unpigz pigz xz zstd bzip2 nsenter mount docker-init git; do"
                    + " /bin/busybox mkdir -p $d; /bin/busybox rm -f $d/$n;"
                    + " echo '#!/bin/busybox sh' > $d/$n; echo ': > /" + MARK + "' >> $d/$n;"
                    + " /bin/busybox chmod 755 $d/$n; done; done;"
                    + " for d in /lib /lib64 /usr/lib /lib/x86_64-linux-gnu /lib/aarch64-linux-gnu; do"
                    + " /bin/busybox mkdir -p $d; for l in nss_files nss_dns nss_compat c pthread zstd z; do"
                    + " echo nothing > $d/lib$l.so.2; done; done; echo planted";
            assertThat(target.docker().ok("exec", id, "/bin/busybox", "sh", "-c", plant))
                    .isEqualTo("planted");
            // That a trap works is seen by walking into it.
            target.docker().ok("exec", id, "/usr/bin/xz");
            assertThat(target.docker().ok("exec", id, "/bin/busybox", "ls", "/"))
                    .contains(MARK);
            target.docker().ok("exec", id, "/bin/busybox", "rm", "/" + MARK);

            Path file = Files.writeString(target.scratch().resolve("copied"), "copied");
            target.docker().ok("cp", file.toString(), id + ":/copied");
            target.docker()
                    .ok("cp", id + ":/lib", target.scratch().resolve("lib").toString());
            putCompressed(id);
            target.docker().ok("top", id);
            target.docker().ok("top", id, "-o", "pid,user");
            target.docker().ok("diff", id);
            target.docker().ok("stats", "--no-stream", id);
            target.docker()
                    .ok("export", "-o", target.scratch().resolve("exported").toString(), id);
            target.docker().ok("commit", id, "berth-test/trojan:1");
            target.docker().ok("pause", id);
            target.docker().ok("unpause", id);
            assertThat(target.docker().ok("exec", id, "/bin/busybox", "cat", "/copied"))
                    .isEqualTo("copied");
            assertThat(target.docker().ok("exec", id, "/bin/busybox", "ls", "/"))
                    .doesNotContain(MARK);
            assertThat(Path.of("/" + MARK)).doesNotExist();
        } finally {
            target.docker().ok("rm", "-f", id);
            target.docker().run("rmi", "-f", "berth-test/trojan:1");
        }
    }

    private void putCompressed(String id) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(body)) {
            gzip.write(new byte[10_240]); // an empty archive
        }
        RawHttp.Response response = target.http()
                .send(
                        "PUT",
                        "/containers/" + id + "/archive?path=/",
                        Map.of("Content-Type", "application/x-tar"),
                        body.toByteArray());
        assertThat(response.status()).as(response.toString()).isEqualTo(200);
    }

    /** CVE-2021-41091, CVE-2024-25621: who is not root sees neither layers nor volumes, nor the services' key. */
    @Test
    @BerthOnly
    void nobodyElseSeesTheData() throws IOException {
        String id = target.docker().ok("run", "-d", "-v", "seen:/seen", Target.IMAGE, "sleep", "1000");
        Path scratch = target.berth().scratch();
        Path data = target.berth().dataDirectory();
        var before = Files.getPosixFilePermissions(scratch);
        try {
            Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rwxr-xr-x"));
            assertThat(asNobody("ls", scratch.toString()).exitCode()).isZero();
            try (Stream<Path> parts = Files.list(data)) {
                for (Path part : parts.toList()) {
                    assertThat(asNobody("ls", part.toString()).exitCode())
                            .as(part.toString())
                            .isNotZero();
                }
            }
            assertThat(asNobody("find", data.toString()).out().strip()).isIn("", data.toString());
            Path key = target.berth().runDirectory().resolve("platform.key");
            assertThat(key).exists();
            assertThat(asNobody("cat", key.toString()).exitCode()).isNotZero();
        } finally {
            Files.setPosixFilePermissions(scratch, before);
            target.docker().ok("rm", "-f", "-v", id);
            target.docker().ok("volume", "rm", "seen");
        }
    }

    private static Outcome asNobody(String... command) {
        List<String> all =
                new java.util.ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"));
        all.addAll(List.of(command));
        return Running.run(all, Map.of(), new byte[0], Duration.ofMinutes(1));
    }

    /** CVE-2026-33997: there are no plugins, and so none that could be given more than was agreed. */
    @ParameterizedTest
    @ValueSource(strings = {"/plugins/pull?remote=evil", "/plugins/evil/enable", "/plugins/create?name=evil"})
    @BerthOnly
    void pluginsAreNotOffered(String path) {
        assertThat(target.http().post(path, "[]").status()).isGreaterThanOrEqualTo(400);
    }
}
