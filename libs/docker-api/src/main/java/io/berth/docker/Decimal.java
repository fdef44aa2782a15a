package io.berth.docker;

import java.util.regex.Pattern;

/**
 * Whole numbers in what clients send, as Go's {@code strconv} reads them: a sign, and digits of ASCII only. Java's own parsers take
 * the digits of every script, so that a text would be one number here and none to whoever looked at it before. Thread-safe.
 */
public final class Decimal {
    private static final Pattern TEXT = Pattern.compile("[+-]?[0-9]{1,19}");

    private Decimal() {}

    /**
     * A number of 64 bits.
     *
     * @throws NumberFormatException when it is none, or larger
     */
    public static long parseLong(String text) {
        return Long.parseLong(checked(text));
    }

    /**
     * A number of 32 bits.
     *
     * @throws NumberFormatException when it is none, or larger
     */
    public static int parseInt(String text) {
        return Integer.parseInt(checked(text));
    }

    private static String checked(String text) {
        if (!TEXT.matcher(text).matches()) {
            throw new NumberFormatException("not a decimal number");
        }
        return text;
    }
}
