package io.berth.engine.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A driver that sends lines elsewhere. So that they can be read here all the same, they are also kept in files, unless that is
 * switched off with {@code cache-disabled} (Docker calls it dual logging).
 */
abstract sealed class RemoteDriver implements LogDriver permits SyslogDriver, JournaldDriver {
    private static final String PREFIX = "cache-";
    private static final String DISABLED = "cache-disabled";

    /**
     * Begins to send.
     *
     * @param resumed whether the container runs already: it is not to suffer from a target that is away just now
     */
    abstract LogTarget connect(LogOptions options, LogInfo info, boolean resumed);

    @Override
    public final Optional<LogFiles> files(LogOptions options, String id, Path directory) {
        return options.flag(DISABLED, false) ? Optional.empty() : Optional.of(LocalDriver.cache(directory));
    }

    @Override
    public final LogTarget open(LogOptions options, LogInfo info, Optional<LogFiles> files, boolean resumed)
            throws IOException {
        LogTarget remote = connect(options, info, resumed);
        if (files.isEmpty()) {
            return remote;
        }
        LogFiles cache = files.get();
        cache.open(FileSettings.of(options, PREFIX, FileSettings.LOCAL), JsonFileDriver.attributes(options, info));
        return new Cached(remote, cache);
    }

    /** Whether every driver takes this option. */
    static boolean isCacheOption(String option) {
        return option.equals(DISABLED)
                || (option.startsWith(PREFIX) && LocalDriver.OPTIONS.contains(option.substring(PREFIX.length())));
    }

    static void checkCache(LogOptions options) {
        try {
            boolean _ = options.flag(DISABLED, false);
        } catch (LogDriverException e) {
            throw new LogDriverException("invalid value for option " + DISABLED + ": " + options.text(DISABLED), e);
        }
    }

    /** Both get every line; what one loses the other still has. */
    private record Cached(LogTarget remote, LogFiles cache) implements LogTarget {
        @Override
        public void write(LogMessage message) throws IOException {
            cache.write(message);
            remote.write(message);
        }

        @Override
        public void flush() throws IOException {
            cache.flush();
            remote.flush();
        }

        @Override
        public void close() throws IOException {
            try (cache) {
                remote.close();
            }
        }
    }
}
