package io.berth.docker;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of the Engine API, such as 1.43. Versions 1.24 to 1.55 and unversioned paths are served; an older or newer
 * client is never refused, it is served as the nearest version that is.
 */
public record ApiVersion(int major, int minor) implements Comparable<ApiVersion> {
    public static final ApiVersion MIN = new ApiVersion(1, 24);
    public static final ApiVersion MAX = new ApiVersion(1, 55);

    private static final Pattern TEXT = Pattern.compile("v?(\\d{1,3})\\.(\\d{1,3})");

    /**
     * Parses {@code 1.43} or {@code v1.43}.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static ApiVersion parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("invalid API version: " + text);
        }
        return new ApiVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    /** The served version nearest to this one. */
    public ApiVersion served() {
        if (compareTo(MIN) < 0) {
            return MIN;
        }
        return compareTo(MAX) > 0 ? MAX : this;
    }

    public boolean atLeast(int otherMajor, int otherMinor) {
        return compareTo(new ApiVersion(otherMajor, otherMinor)) >= 0;
    }

    @Override
    public int compareTo(ApiVersion other) {
        return major != other.major ? Integer.compare(major, other.major) : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
