package io.berth.engine.log;

import io.berth.docker.container.LogConfig;

/** Whether a container waits for its log: options {@code mode} and {@code max-buffer-size}. */
final class LogModes {
    private static final String NON_BLOCKING = "non-blocking";
    private static final String BUFFER = "max-buffer-size";
    private static final long DEFAULT_BUFFER_BYTES = 1_000_000;

    private LogModes() {}

    static void check(LogOptions options) {
        String mode = options.text("mode");
        if (!mode.isEmpty() && !mode.equals("blocking") && !mode.equals(NON_BLOCKING)) {
            throw new LogDriverException("logger: logging mode not supported: " + mode);
        }
        if (!options.values().containsKey(BUFFER)) {
            return;
        }
        if (!mode.equals(NON_BLOCKING)) {
            throw new LogDriverException(
                    "logger: max-buffer-size option is only supported with 'mode=" + NON_BLOCKING + "'");
        }
        try {
            long _ = LogOptions.binarySize(options.text(BUFFER));
        } catch (LogDriverException e) {
            throw new LogDriverException("error parsing option max-buffer-size: " + e.getMessage(), e);
        }
    }

    static LogTarget apply(LogTarget target, LogConfig config) {
        LogOptions options = new LogOptions(config.config());
        if (!options.text("mode").equals(NON_BLOCKING)) {
            return target;
        }
        return new BufferedTarget(
                target,
                options.text(BUFFER).isEmpty() ? DEFAULT_BUFFER_BYTES : LogOptions.binarySize(options.text(BUFFER)));
    }
}
