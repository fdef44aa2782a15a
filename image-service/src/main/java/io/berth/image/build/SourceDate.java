package io.berth.image.build;

import io.berth.docker.Decimal;
import io.berth.docker.error.InvalidParameter;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** SOURCE_DATE_EPOCH, which makes builds reproducible: seconds since 1970. */
public final class SourceDate {
    private static final String NAME = "SOURCE_DATE_EPOCH";

    private SourceDate() {}

    /**
     * Of the arguments of a build, or null.
     *
     * @throws InvalidParameter when it is no number
     */
    public static @Nullable Instant of(Map<String, String> buildArgs) {
        String text = buildArgs.get(NAME);
        if (text == null || text.isEmpty()) {
            return null;
        }
        try {
            return Instant.ofEpochSecond(Decimal.parseLong(text));
        } catch (NumberFormatException | DateTimeException e) {
            throw new InvalidParameter("invalid " + NAME + ": " + text, e);
        }
    }
}
