package io.berth.linux.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What is needed of {@code /proc/<pid>/stat} (proc_pid_stat(5)).
 *
 * @param state the third field: Z is a process that has ended and waits for its parent
 * @param threads how many it has; more than one with state Z when only the first has ended
 * @param startTimeTicks clock ticks after boot
 * @param waitStatus how it ended, as wait(2) stores it; empty while it runs, and where the reader may not know
 */
record ProcessStat(char state, int threads, long startTimeTicks, Optional<Integer> waitStatus) {
    private static final int STATE = 3;
    private static final int THREADS = 20;
    private static final int START_TIME = 22;
    private static final int SLEEPS = 35;
    private static final int EXIT_CODE = 52;

    /** Reads a process's line; empty when there is no such process. */
    static Optional<ProcessStat> read(int pid) {
        try {
            return Optional.of(parse(Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            // No such file, or ESRCH when the process goes away between opening and reading.
            return Optional.empty();
        }
    }

    /** The second field is the command in parentheses and may itself hold blanks and parentheses. */
    static ProcessStat parse(String line) {
        String[] fields = line.substring(line.lastIndexOf(')') + 2).strip().split(" ");
        char state = field(fields, STATE).charAt(0);
        int threads = Integer.parseInt(field(fields, THREADS));
        // Without permission the kernel writes 0, which looks like success. It then also says 0 for "sleeps", which a
        // process that has ended does (Linux 5.16 and later; before, this is never trusted).
        boolean ended = state == 'Z' && threads <= 1;
        boolean permitted = field(fields, SLEEPS).equals("1");
        return new ProcessStat(
                state,
                threads,
                Long.parseLong(field(fields, START_TIME)),
                ended && permitted ? Optional.of(Integer.parseInt(field(fields, EXIT_CODE))) : Optional.empty());
    }

    private static String field(String[] fromState, int number) {
        return fromState[number - STATE];
    }
}
