package io.berth.engine.log;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What of a log is wanted.
 *
 * @param since only lines at or after this time
 * @param until only lines up to this time
 * @param tail only so many of the last lines; negative is all
 * @param follow wait for more while the container runs
 * @param timestamps put the time before each line
 * @param details put attributes before each line
 */
public record LogQuery(
        boolean stdout,
        boolean stderr,
        @Nullable Instant since,
        @Nullable Instant until,
        long tail,
        boolean follow,
        boolean timestamps,
        boolean details) {

    /** Everything that is there. */
    public static LogQuery everything(boolean stdout, boolean stderr) {
        return new LogQuery(stdout, stderr, null, null, -1, false, false, false);
    }
}
