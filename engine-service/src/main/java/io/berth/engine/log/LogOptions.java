package io.berth.engine.log;

import io.berth.docker.container.LogConfig;
import io.berth.docker.error.InvalidParameter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a container's output is kept.
 *
 * @param kept whether at all (driver {@code none} keeps nothing)
 * @param maxFileBytes a file that has reached this size is rotated
 * @param maxFiles how many files are kept, the current one included
 */
public record LogOptions(boolean kept, long maxFileBytes, int maxFiles) {
    private static final long DEFAULT_FILE_BYTES = 10_000_000;
    private static final int DEFAULT_FILES = 3;
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s?([kmgt]?)(i?b)?");
    private static final Set<String> KNOWN = Set.of("max-size", "max-file", "labels", "env", "compress", "mode");

    /**
     * Reads the logging configuration. Unlike Docker's, logs rotate when nothing is said.
     *
     * @throws InvalidParameter for an unknown driver, an unknown option or a wrong value, in moby's words
     */
    public static LogOptions of(LogConfig config) {
        return switch (config.type()) {
            case "none" -> new LogOptions(false, DEFAULT_FILE_BYTES, DEFAULT_FILES);
            case "json-file" -> jsonFile(config.config());
            default -> throw new InvalidParameter("logger: no log driver named '" + config.type() + "' is registered");
        };
    }

    private static LogOptions jsonFile(Map<String, String> options) {
        for (String name : options.keySet()) {
            if (!KNOWN.contains(name)) {
                throw new InvalidParameter("unknown log opt '" + name + "' for json-file log driver");
            }
        }
        if ("true".equals(options.get("compress"))) {
            throw new InvalidParameter("log opt 'compress' is not supported by this engine");
        }
        if (!options.getOrDefault("mode", "blocking").equals("blocking")) {
            throw new InvalidParameter("logger: logging mode not supported: " + options.get("mode"));
        }
        long bytes = options.containsKey("max-size") ? size(options.getOrDefault("max-size", "")) : DEFAULT_FILE_BYTES;
        int files = options.containsKey("max-file") ? count(options.getOrDefault("max-file", "")) : DEFAULT_FILES;
        return new LogOptions(true, bytes, files);
    }

    private static long size(String text) {
        if (text.equals("-1")) {
            return Long.MAX_VALUE;
        }
        Matcher matcher = SIZE.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new InvalidParameter("invalid size: '" + text + "'");
        }
        // In " kmgt" each unit stands at its power of 1024; none is the zeroth.
        int power = matcher.group(2).isEmpty() ? 0 : " kmgt".indexOf(matcher.group(2));
        long bytes = multiply(Long.parseLong(matcher.group(1)), 1L << (10 * power));
        if (bytes <= 0) {
            throw new InvalidParameter("max-size must be a positive number");
        }
        return bytes;
    }

    private static long multiply(long number, long unit) {
        return number > Long.MAX_VALUE / unit ? Long.MAX_VALUE : number * unit;
    }

    private static int count(String text) {
        int files = text.matches("\\d{1,6}") ? Integer.parseInt(text) : 0;
        if (files < 1) {
            throw new InvalidParameter("max-file cannot be less than 1");
        }
        return files;
    }

    /**
     * Labels and environment that are written with each line, as asked for with {@code labels} and {@code env}.
     *
     * @param env entries {@code NAME=value}
     */
    public static Map<String, String> attributes(LogConfig config, Map<String, String> labels, Iterable<String> env) {
        Map<String, String> attributes = new TreeMap<>();
        for (String label : config.config().getOrDefault("labels", "").split(",")) {
            String value = labels.get(label);
            if (value != null) {
                attributes.put(label, value);
            }
        }
        Set<String> wanted =
                Set.copyOf(Arrays.asList(config.config().getOrDefault("env", "").split(",")));
        for (String entry : env) {
            int equals = entry.indexOf('=');
            if (equals > 0 && wanted.contains(entry.substring(0, equals))) {
                attributes.put(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }
        return attributes;
    }
}
