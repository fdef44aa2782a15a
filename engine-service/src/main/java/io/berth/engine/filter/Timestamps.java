package io.berth.engine.filter;

import io.berth.docker.error.InvalidParameter;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Times as requests give them: seconds since the epoch with a fraction, RFC 3339, or how long ago ({@code 10m}). */
public final class Timestamps {
    private static final Pattern SECONDS = Pattern.compile("-?\\d{1,12}(\\.\\d{1,9})?");
    private static final Pattern GO_DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|µs|ms|s|m|h)");

    private Timestamps() {}

    /**
     * Reads a time; absent, empty and zero are none.
     *
     * @throws InvalidParameter for anything else that is not a time
     */
    public static Optional<Instant> parse(@Nullable String text, Instant now) {
        if (text == null || text.isEmpty() || text.equals("0")) {
            return Optional.empty();
        }
        if (SECONDS.matcher(text).matches()) {
            BigDecimal seconds = new BigDecimal(text);
            long whole = seconds.longValue();
            int nanos = seconds.subtract(BigDecimal.valueOf(whole))
                    .movePointRight(9)
                    .intValue();
            return Optional.of(Instant.ofEpochSecond(whole, nanos));
        }
        Optional<Duration> ago = goDuration(text);
        if (ago.isPresent()) {
            return Optional.of(now.minus(ago.get()));
        }
        try {
            return Optional.of(dateTime(text));
        } catch (DateTimeParseException e) {
            throw new InvalidParameter("failed to parse value as time or duration: \"" + text + "\"", e);
        }
    }

    private static Instant dateTime(String text) {
        if (text.indexOf('T') < 0) {
            return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
        }
        if (text.endsWith("Z") || text.matches(".*[+-]\\d\\d:\\d\\d")) {
            return OffsetDateTime.parse(text).toInstant();
        }
        return LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
    }

    private static Optional<Duration> goDuration(String text) {
        Matcher matcher = GO_DURATION.matcher(text);
        BigDecimal nanos = BigDecimal.ZERO;
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            nanos = nanos.add(new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit(matcher.group(2)))));
            end = matcher.end();
        }
        return end == text.length() && end > 0 ? Optional.of(Duration.ofNanos(nanos.longValue())) : Optional.empty();
    }

    private static long unit(String name) {
        return switch (name) {
            case "ns" -> 1L;
            case "us", "µs" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            default -> 3_600_000_000_000L;
        };
    }
}
