package io.berth.linux.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What tells a process from all others of this boot: numbers are used again, start times with the same number are not.
 *
 * @param pid in this process's pid namespace, positive
 * @param startTimeTicks clock ticks after boot, field 22 of {@code /proc/<pid>/stat} (proc_pid_stat(5))
 */
public record ProcessIdentity(int pid, long startTimeTicks) {
    private static volatile @Nullable String bootId;

    public ProcessIdentity {
        if (pid <= 0) {
            throw new IllegalArgumentException("pid: " + pid + " (expected: > 0)");
        }
    }

    /** The process that has this number now; empty when there is none. */
    public static Optional<ProcessIdentity> read(int pid) {
        return ProcessStat.read(pid).map(stat -> new ProcessIdentity(pid, stat.startTimeTicks()));
    }

    /**
     * The random id of this boot. An identity kept over a restart of the machine means nothing: keep this beside it.
     */
    public static String bootId() throws IOException {
        String known = bootId;
        if (known == null) {
            known = Files.readString(Path.of("/proc/sys/kernel/random/boot_id"), StandardCharsets.US_ASCII)
                    .strip();
            bootId = known;
        }
        return known;
    }
}
