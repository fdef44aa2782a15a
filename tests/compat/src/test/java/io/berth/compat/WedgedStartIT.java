package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Containers whose starts hang in the kernel, on a file system that nobody serves, hold up nobody else: more of them than this
 * machine has processors.
 */
@CompatTest
@BerthOnly
@Timeout(180)
class WedgedStartIT {
    private final Target target;

    WedgedStartIT(Target target) {
        this.target = target;
    }

    @Test
    void othersGoOn() throws Exception {
        RawHttp http = target.http();
        Path place = Files.createDirectories(target.scratch().resolve("hangs"));
        int wedged = Runtime.getRuntime().availableProcessors() + 2;
        List<Future<RawHttp.Response>> starts = new ArrayList<>();
        try (ExecutorService clients = Executors.newCachedThreadPool();
                Running hanging = hang(place)) {
            Eventually.holds(
                    Duration.ofSeconds(10), () -> hanging.outUntilNow().contains("up"), () -> "no FUSE file system");
            for (int i = 0; i < wedged; i++) {
                String name = "wedged" + i;
                create(http, name, "[\"/proc/" + hanging.pid() + "/root" + place + "/" + i + ":/x\"]");
                starts.add(clients.submit(() -> http.post("/containers/" + name + "/start", "")));
            }
            // All of them hang, and not only those that came to it before the others were looked at.
            Eventually.holds(
                    Duration.ofSeconds(20),
                    () -> waitingInFuse(target.berth().pidOf("engine")) >= wedged,
                    () -> waitingInFuse(target.berth().pidOf("engine")) + " threads wait");

            assertThat(http.get("/containers/json?all=1").json().size()).isGreaterThanOrEqualTo(wedged);
            assertThat(http.get("/containers/wedged0/json")
                            .json()
                            .at("/State/Status")
                            .asString())
                    .isEqualTo("created");
            create(http, "free", "[]");
            assertThat(http.post("/containers/free/start", "").status()).isEqualTo(204);
            assertThat(target.docker().ok("exec", "free", "echo", "inside")).isEqualTo("inside");
            assertThat(target.docker().ok("ps", "--format", "{{.Names}}").lines())
                    .contains("free")
                    .noneMatch(name -> name.startsWith("wedged"));
            target.docker().ok("rm", "-f", "free");
            assertThat(starts).noneMatch(Future::isDone);
        }
        // The file system has gone, so they fail, and leave nothing.
        for (int i = 0; i < wedged; i++) {
            assertThat(starts.get(i).get().status()).isEqualTo(500);
            target.docker().ok("rm", "wedged" + i);
        }
        assertThat(http.get("/berth/held").json().path("Orphans").size()).isZero();
    }

    /** A FUSE file system in a mount namespace of its own, whose requests nobody answers; it goes with the process. */
    private static Running hang(Path place) {
        return Running.start(
                List.of(
                        "unshare",
                        "--mount",
                        "--",
                        "sh",
                        "-c",
                        "exec 3<>/dev/fuse && mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 hangs "
                                + place + " && echo up && exec sleep infinity"),
                Map.of());
    }

    private static void create(RawHttp http, String name, String binds) {
        RawHttp.Response created = http.post(
                "/containers/create?name=" + name,
                "{\"Image\":\"" + Target.IMAGE + "\",\"Cmd\":[\"sleep\",\"1000\"],\"HostConfig\":{\"Binds\":" + binds
                        + "}}");
        assertThat(created.status()).as(created::toString).isEqualTo(201);
    }

    private static long waitingInFuse(long pid) {
        try (var tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            return tasks.filter(task -> text(task.resolve("wchan")).contains("fuse"))
                    .count();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Empty when the thread has ended. */
    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            return "";
        }
    }
}
