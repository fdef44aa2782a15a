package io.berth.linux.cgroup;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Device nodes that a group's processes may use.
 *
 * @param type character or block devices, or both
 * @param major number, or {@link #ANY}
 * @param minor number, or {@link #ANY}
 * @param access any of {@code r}, {@code w}, {@code m} (making the node)
 */
public record DeviceRule(Type type, int major, int minor, String access) {
    /** Every number. */
    public static final int ANY = -1;

    private static final Pattern FORM = Pattern.compile("([acb]) (\\d{1,9}|\\*):(\\d{1,9}|\\*) ([rwm]{1,3})");

    /** Which devices. */
    public enum Type {
        ALL,
        BLOCK,
        CHARACTER
    }

    /**
     * Reads the format of the devices cgroup, such as {@code c 1:3 mr} (Documentation/admin-guide/cgroup-v1/devices.rst).
     *
     * @throws IllegalArgumentException when it is not one
     */
    public static DeviceRule parse(String rule) {
        Matcher matcher = FORM.matcher(rule);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("invalid device cgroup rule format: '" + rule + "'");
        }
        Type type =
                switch (matcher.group(1)) {
                    case "b" -> Type.BLOCK;
                    case "c" -> Type.CHARACTER;
                    default -> Type.ALL;
                };
        return new DeviceRule(type, number(matcher.group(2)), number(matcher.group(3)), matcher.group(4));
    }

    private static int number(String text) {
        return text.equals("*") ? ANY : Integer.parseInt(text);
    }

    boolean allows(char kind) {
        return access.indexOf(kind) >= 0;
    }

    /** What version 1's {@code devices.allow} takes for one kind of device. */
    String line(char kind) {
        return kind + " " + text(major) + ":" + text(minor) + " " + access;
    }

    private static String text(int number) {
        return number == ANY ? "*" : Integer.toString(number);
    }
}
