package io.berth.engine.quota;

import io.berth.docker.error.InvalidParameter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as users write them: {@code 10g}, {@code 1.5 MiB}, {@code 4096} (docker/go-units: RAMInBytes). */
public final class SizeText {
    private static final Pattern SIZE =
            Pattern.compile("(\\d+(?:\\.\\d+)?) ?([kmgtp])?(?:i?b)?", Pattern.CASE_INSENSITIVE);
    private static final String UNITS = "kmgtp";
    private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

    private SizeText() {}

    /**
     * The size in bytes.
     *
     * @throws InvalidParameter when it is none
     */
    public static long bytes(String text) {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw new InvalidParameter("invalid size: '" + text + "'");
        }
        int power = size.group(2) == null ? 0 : 1 + UNITS.indexOf(size.group(2).toLowerCase(Locale.ROOT));
        BigDecimal bytes = new BigDecimal(size.group(1))
                .multiply(BigDecimal.valueOf(1024).pow(power))
                .setScale(0, RoundingMode.DOWN);
        if (bytes.compareTo(MOST) > 0) {
            throw new InvalidParameter("invalid size: '" + text + "'");
        }
        return bytes.longValueExact();
    }
}
