package io.berth.engine.log;

import io.berth.docker.Decimal;
import io.berth.json.Frozen;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Options of a log driver by name, read as Docker reads them. */
record LogOptions(Map<String, String> values) {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?)\\s?([kmgtp]?)(i?b)?");
    private static final String UNITS = " kmgtp";

    LogOptions {
        values = Frozen.map(values);
    }

    /** Empty when it is not given. */
    String text(String name) {
        return values.getOrDefault(name, "");
    }

    /** Go's strconv.ParseBool. */
    boolean flag(String name, boolean otherwise) {
        String text = text(name);
        return switch (text) {
            case "" -> otherwise;
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw new LogDriverException("strconv.ParseBool: parsing \"" + text + "\": invalid syntax");
        };
    }

    /** Go's strconv.Atoi. */
    int number(String name, int otherwise) {
        String text = text(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            return Decimal.parseInt(text);
        } catch (NumberFormatException e) {
            throw new LogDriverException("strconv.Atoi: parsing \"" + text + "\": invalid syntax", e);
        }
    }

    /** A size with units of powers of 1000; {@code -1} is without bound. */
    long decimalSize(String name) {
        return text(name).equals("-1") ? Long.MAX_VALUE : size(text(name), 1000);
    }

    /** A size with units of powers of 1024. */
    static long binarySize(String text) {
        return size(text, 1024);
    }

    private static long size(String text, int base) {
        Matcher matcher = SIZE.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new LogDriverException("invalid size: '" + text + "'");
        }
        // In " kmgtp" each unit stands at its power; none is the zeroth.
        int power = matcher.group(2).isEmpty() ? 0 : UNITS.indexOf(matcher.group(2));
        return (long) (Double.parseDouble(matcher.group(1)) * Math.pow(base, power));
    }
}
