package io.berth.engine.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Files in Docker's JSON format, which other programs read too. */
final class JsonFileDriver implements LogDriver {
    private static final Set<String> OPTIONS =
            Set.of("max-file", "max-size", "compress", "labels", "labels-regex", "env", "env-regex", "tag");

    @Override
    public String name() {
        return "json-file";
    }

    @Override
    public void check(LogOptions options) {
        for (String option : options.values().keySet()) {
            if (!OPTIONS.contains(option)) {
                throw new LogDriverException("unknown log opt '" + option + "' for json-file log driver");
            }
        }
    }

    @Override
    public Optional<LogFiles> files(LogOptions options, String id, Path directory) {
        return Optional.of(new LogFiles(directory.resolve(id + "-json.log")));
    }

    @Override
    public LogTarget open(LogOptions options, LogInfo info, Optional<LogFiles> files, boolean resumed)
            throws IOException {
        LogFiles log = files.orElseThrow();
        log.open(FileSettings.of(options, "", FileSettings.JSON_FILE), attributes(options, info));
        return log;
    }

    /** What is written with each line. */
    static Map<String, String> attributes(LogOptions options, LogInfo info) {
        Map<String, String> attributes = info.attributes(options, UnaryOperator.identity());
        if (!options.text("tag").isEmpty()) {
            attributes.put("tag", LogTag.of(options.text("tag"), info));
        }
        return attributes;
    }
}
