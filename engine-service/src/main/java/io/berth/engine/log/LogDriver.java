package io.berth.engine.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A kind of log, by the name that users choose it with. */
sealed interface LogDriver permits JsonFileDriver, LocalDriver, NoDriver, RemoteDriver {
    String name();

    /**
     * Checks what is checked when a container is created.
     *
     * @throws LogDriverException in moby's words
     */
    void check(LogOptions options);

    /** Where lines can be read, if at all; nothing is opened. */
    Optional<LogFiles> files(LogOptions options, String id, Path directory);

    /**
     * Begins to log, when a container starts.
     *
     * @param files as returned by {@link #files}
     * @param resumed whether the container runs already, since an earlier engine
     * @throws LogDriverException when it cannot
     */
    LogTarget open(LogOptions options, LogInfo info, Optional<LogFiles> files, boolean resumed) throws IOException;
}
