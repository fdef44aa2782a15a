package io.berth.engine.log;

import java.nio.file.Path;
import java.util.Optional;

/** Keeps nothing. */
final class NoDriver implements LogDriver {
    @Override
    public String name() {
        return "none";
    }

    @Override
    public void check(LogOptions options) {
        // Docker takes any options here.
    }

    @Override
    public Optional<LogFiles> files(LogOptions options, String id, Path directory) {
        return Optional.empty();
    }

    @Override
    public LogTarget open(LogOptions options, LogInfo info, Optional<LogFiles> files, boolean resumed) {
        return new Nowhere();
    }

    private static final class Nowhere implements LogTarget {
        @Override
        public void write(LogMessage message) {
            // as asked for
        }

        @Override
        public void flush() {
            // nothing is kept back
        }

        @Override
        public void close() {
            // nothing is open
        }
    }
}
