package io.berth.linux.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What tells a process from all others of this boot: numbers are used again, start times with the same number are not.
 *
 * @param pid in this process's pid namespace, positive
 * @param startTimeTicks clock ticks after boot, field 22 of {@code /proc/<pid>/stat} (proc_pid_stat(5))
 */
public record ProcessIdentity(int pid, long startTimeTicks) {
    public ProcessIdentity {
        if (pid <= 0) {
            throw new IllegalArgumentException("pid: " + pid + " (expected: > 0)");
        }
    }

    /** The process that has this number now; empty when there is none. */
    public static Optional<ProcessIdentity> read(int pid) {
        try {
            return Optional.of(new ProcessIdentity(
                    pid,
                    startTimeTicks(Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            // Reading fails with ESRCH when the process goes away between open and read.
            return Optional.empty();
        }
    }

    /** Field 22 of a stat line. The second field is the command in parentheses and may itself hold any of them. */
    static long startTimeTicks(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[22 - 3]);
    }

    /**
     * The random id of this boot. An identity kept over a restart of the machine means nothing: keep this beside it.
     */
    public static String bootId() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/random/boot_id"), StandardCharsets.US_ASCII)
                .strip();
    }
}
