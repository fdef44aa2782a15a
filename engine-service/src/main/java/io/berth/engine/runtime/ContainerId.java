package io.berth.engine.runtime;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A container's (or exec's) id: 64 lower-case hex digits. Since nothing else is accepted, it is safe as a file name.
 *
 * @param value the digits
 */
public record ContainerId(String value) {
    private static final Pattern FORM = Pattern.compile("[a-f0-9]{64}");
    private static final SecureRandom RANDOM = new SecureRandom();

    public ContainerId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("invalid container id: " + value);
        }
    }

    /** Whether a text has the form of an id. */
    public static boolean isValid(String text) {
        return FORM.matcher(text).matches();
    }

    /** A new random id; its short form has a letter, so that no host name made of it looks like a number. */
    public static ContainerId random() {
        byte[] bytes = new byte[32];
        while (true) {
            RANDOM.nextBytes(bytes);
            String hex = HexFormat.of().formatHex(bytes);
            if (hex.substring(0, 12).chars().anyMatch(Character::isLetter)) {
                return new ContainerId(hex);
            }
        }
    }

    /** The first twelve digits, which people see and which become the default host name. */
    public String shortForm() {
        return value.substring(0, 12);
    }

    @Override
    public String toString() {
        return value;
    }
}
