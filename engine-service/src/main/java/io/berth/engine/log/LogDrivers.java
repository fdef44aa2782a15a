package io.berth.engine.log;

import io.berth.docker.container.LogConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The log drivers there are. */
public final class LogDrivers {
    private static final Set<String> OF_EVERY_DRIVER = Set.of("mode", "max-buffer-size");

    private static final NavigableMap<String, LogDriver> BY_NAME = Stream.of(
                    new JsonFileDriver(), new LocalDriver(), new NoDriver(), new SyslogDriver(), new JournaldDriver())
            .collect(Collectors.toMap(LogDriver::name, Function.identity(), (one, other) -> one, TreeMap::new));

    private LogDrivers() {}

    /** Their names in order, as {@code docker info} lists them: {@code none} is none. */
    public static List<String> names() {
        return BY_NAME.keySet().stream().filter(name -> !name.equals("none")).toList();
    }

    static LogDriver named(String name) {
        LogDriver driver = BY_NAME.get(name);
        if (driver == null) {
            throw new LogDriverException(
                    "error looking up logging plugin " + name + ": plugin \"" + name + "\" not found");
        }
        return driver;
    }

    /**
     * Checks the configuration of a container that is to be created.
     *
     * @throws LogDriverException for what is wrong, in moby's words
     */
    public static void check(LogConfig config) {
        if (config.type().equals("none")) {
            return;
        }
        LogModes.check(new LogOptions(config.config()));
        LogDriver driver = named(config.type());
        Map<String, String> own = new HashMap<>(config.config());
        own.keySet().removeIf(option -> OF_EVERY_DRIVER.contains(option) || RemoteDriver.isCacheOption(option));
        driver.check(new LogOptions(own));
        RemoteDriver.checkCache(new LogOptions(config.config()));
    }
}
