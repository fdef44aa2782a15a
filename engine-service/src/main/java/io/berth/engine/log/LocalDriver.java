package io.berth.engine.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Files that only the engine reads: larger ones, compressed once rotated. */
final class LocalDriver implements LogDriver {
    static final Set<String> OPTIONS =
            Set.of("max-file", "max-size", "compress", "labels", "labels-regex", "env", "env-regex", "tag");

    private static final String DIRECTORY = "local-logs";

    @Override
    public String name() {
        return "local";
    }

    @Override
    public void check(LogOptions options) {
        for (String option : options.values().keySet()) {
            if (!OPTIONS.contains(option)) {
                throw new LogDriverException("unknown log opt '" + option + "' for log driver local");
            }
        }
    }

    @Override
    public Optional<LogFiles> files(LogOptions options, String id, Path directory) {
        return Optional.of(new LogFiles(directory.resolve(DIRECTORY).resolve("container.log")));
    }

    @Override
    public LogTarget open(LogOptions options, LogInfo info, Optional<LogFiles> files, boolean resumed)
            throws IOException {
        LogFiles log = files.orElseThrow();
        log.open(FileSettings.of(options, "", FileSettings.LOCAL), JsonFileDriver.attributes(options, info));
        return log;
    }

    /** The files in which lines are kept that go elsewhere as well. */
    static LogFiles cache(Path directory) {
        return new LogFiles(directory.resolve(DIRECTORY).resolve("container-cached.log"));
    }
}
