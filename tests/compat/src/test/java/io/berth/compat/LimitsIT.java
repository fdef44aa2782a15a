package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Limits hold, as those inside and those beside see it, whatever else the machine does meanwhile. */
@CompatTest
class LimitsIT {
    private static final String LABEL = "berth.test=limits";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Target target;

    LimitsIT(Target target) {
        this.target = target;
    }

    @AfterEach
    void removeContainers() {
        target.removeContainers(LABEL);
    }

    private String start(String script, String... options) {
        List<String> run = new ArrayList<>(List.of("run", "-d", "--label", LABEL));
        run.addAll(List.of(options));
        run.addAll(List.of(Target.IMAGE, "sh", "-c", script));
        return target.docker().ok(run.toArray(String[]::new));
    }

    private Outcome run(String script, String... options) {
        List<String> run = new ArrayList<>(List.of("run", "--rm", "--label", LABEL));
        run.addAll(List.of(options));
        run.addAll(List.of(Target.IMAGE, "sh", "-c", script));
        return target.docker().run(run.toArray(String[]::new));
    }

    private JsonNode stats(String id) {
        return target.http()
                .get("/containers/" + id + "/stats?stream=false&one-shot=true")
                .json();
    }

    private JsonNode awaitStats(String id, Predicate<JsonNode> reached) {
        JsonNode[] last = new JsonNode[1];
        Eventually.holds(
                PATIENCE,
                () -> {
                    last[0] = stats(id);
                    return reached.test(last[0]);
                },
                () -> last[0] + target.docker().run("logs", id).toString());
        return last[0];
    }

    @Test
    void areSeenInside() {
        String output = run(
                        "cd /sys/fs/cgroup;"
                                + " cat memory/memory.limit_in_bytes 2>/dev/null || cat memory.max;"
                                + " cat cpu/cpu.cfs_quota_us 2>/dev/null || cut -d' ' -f1 cpu.max;"
                                + " cat pids/pids.max 2>/dev/null || cat pids.max;"
                                + " grep Cpus_allowed_list: /proc/self/status | cut -f2;"
                                + " grep Mems_allowed_list: /proc/self/status | cut -f2",
                        "--memory",
                        "64m",
                        "--cpus",
                        "0.5",
                        "--pids-limit",
                        "20",
                        "--cpuset-cpus",
                        "0",
                        "--cpuset-mems",
                        "0")
                .ok();
        assertThat(output).isEqualTo("67108864\n50000\n20\n0\n0");
    }

    @Test
    void whoTakesTooMuchMemoryIsKilledAndNobodyElse() {
        Instant since = Instant.now();
        String neighbour = start("while :; do sleep 0.1; done");
        String pid = target.docker().ok("inspect", "--format", "{{.State.Pid}}", neighbour);
        String id = start("exec tail /dev/zero", "--memory", "16m", "--memory-swap", "16m");
        assertThat(target.docker().ok("wait", id)).isEqualTo("137");
        assertThat(target.docker().ok("inspect", "--format", "{{.State.OOMKilled}} {{.State.ExitCode}}", id))
                .isEqualTo("true 137");
        assertThat(target.docker()
                        .ok("inspect", "--format", "{{.State.Running}} {{.State.Pid}} {{.State.OOMKilled}}", neighbour))
                .isEqualTo("true " + pid + " false");
        assertThat(target.docker()
                        .ok(
                                "events",
                                "--since",
                                since.toString(),
                                "--until",
                                Instant.now().toString(),
                                "--filter",
                                "container=" + id,
                                "--filter",
                                "event=oom",
                                "--format",
                                "{{.Action}}"))
                .isEqualTo("oom");
        // A process that is killed is not all of the container, when it is not the first.
        String parent = start("tail /dev/zero; echo $?; sleep 1000", "--memory", "16m", "--memory-swap", "16m");
        Eventually.holds(
                PATIENCE,
                () -> target.docker().ok("logs", parent).equals("137"),
                () -> target.docker().run("logs", parent).toString());
        assertThat(target.docker().ok("inspect", "--format", "{{.State.Running}}", parent))
                .isEqualTo("true");
    }

    @Test
    void tooManyProcessesAreRefused() {
        Outcome outcome = run("for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 2 & done; wait", "--pids-limit", "8");
        assertThat(outcome.err()).contains("can't fork: Resource temporarily unavailable");
    }

    /** Processor time is compared with the periods that the kernel has counted: how busy the machine is does not matter. */
    @Test
    void processorTimeIsWithinFivePercentOfTheQuota() {
        long quotaNanos = 10_000_000;
        String id = start("while :; do :; done", "--cpu-period", "100000", "--cpu-quota", "10000");
        JsonNode first = awaitStats(
                id,
                stats ->
                        stats.at("/cpu_stats/throttling_data/throttled_periods").asLong() >= 40);
        JsonNode second = stats(id);
        // Each of the two is read a moment before what it is compared with, which goes on meanwhile.
        assertThat((double) first.at("/cpu_stats/cpu_usage/total_usage").asLong())
                .as("at most the quota in each period: " + second)
                .isLessThan(1.05
                        * quotaNanos
                        * (second.at("/cpu_stats/throttling_data/periods").asLong() + 1));
        assertThat((double) second.at("/cpu_stats/cpu_usage/total_usage").asLong())
                .as("all of the quota in each period in which it was stopped: " + first)
                .isGreaterThan(0.95
                        * quotaNanos
                        * first.at("/cpu_stats/throttling_data/throttled_periods")
                                .asLong());
    }

    /** A busy machine makes reading slower only: what has been read by then tells of the limit. */
    @Test
    void readingFromADiskIsHeldBack() throws IOException {
        Path disk = disk();
        long rate = 1 << 20;
        long begin = System.nanoTime();
        // Some clients of version 26 send an empty list for --device-read-bps.
        String id = target.http()
                .post("/containers/create", """
                        {"Image": "%s", "Labels": {"berth.test": "limits"},
                         "Cmd": ["sh", "-c", "dd if=/dev/zero of=/big bs=64k count=8 && sync /big;\
                         while dd if=/big of=/dev/null iflag=direct bs=64k; do :; done"],
                         "HostConfig": {"BlkioDeviceReadBps": [{"Path": "%s", "Rate": %d}]}}
                        """.formatted(Target.IMAGE, disk, rate))
                .json()
                .path("Id")
                .asString();
        target.docker().ok("start", id);
        JsonNode stats = awaitStats(id, now -> read(now) >= 3 * rate);
        double seconds = (System.nanoTime() - begin) / 1e9;
        assertThat((double) read(stats))
                .as("bytes in " + seconds + " s, and what the kernel lets through at once")
                .isLessThan(rate * (seconds + 1));
        assertThat(target.docker().ok("inspect", "--format", "{{.State.Running}}", id))
                .isEqualTo("true");
    }

    private static long read(JsonNode stats) {
        long bytes = 0;
        for (JsonNode entry : stats.at("/blkio_stats/io_service_bytes_recursive")) {
            bytes += entry.path("op").asString().equalsIgnoreCase("read")
                    ? entry.path("value").asLong()
                    : 0;
        }
        return bytes;
    }

    /** The block device that the daemon's files are on. */
    private static Path disk() throws IOException {
        long device = (Long) Files.getAttribute(Path.of("/tmp"), "unix:dev");
        long major = ((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL);
        long minor = (device & 0xff) | ((device >>> 12) & ~0xffL);
        Path block = Path.of("/sys/dev/block/" + major + ":" + minor);
        assumeTrue(Files.exists(block), "/tmp is not on a disk");
        return Path.of("/dev").resolve(block.toRealPath().getFileName());
    }

    @Test
    void filesAndSharedMemoryHaveLimits() {
        assertThat(run(
                                "ulimit -n; ulimit -Hn; ulimit -c; ulimit -u; exec 3</ 4</ 5</ 6</ 7</ 8</ 9</",
                                "--ulimit",
                                "nofile=8:16",
                                "--ulimit",
                                "core=0",
                                "--ulimit",
                                "nproc=77")
                        .out())
                .isEqualTo("8\n16\n0\n77\n");
        Outcome full = run(
                "dd if=/dev/zero of=/dev/shm/fits bs=1k count=1024 && dd if=/dev/zero of=/dev/shm/big bs=1k count=2048",
                "--shm-size",
                "2m");
        assertThat(full.exitCode()).isEqualTo(1);
        assertThat(full.err()).contains("No space left on device");
    }
}
