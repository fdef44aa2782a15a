package io.berth.dockerserver.filter;

import io.berth.docker.error.InvalidParameter;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Times as requests give them: seconds since the epoch with a fraction, RFC 3339 or its beginning, without a zone in UTC, or how
 * long ago ({@code 10m}) (moby: daemon/internal/timestamp).
 */
public final class Timestamps {
    private static final Pattern SECONDS = Pattern.compile("-?\\d{1,12}(\\.\\d{1,9})?");
    private static final Pattern GO_DURATION = Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");

    private static final DateTimeFormatter DATE_TIME = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendPattern("['T'HH[:mm[:ss]]]")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
            .optionalStart()
            .appendOffset("+HH:MM", "Z")
            .optionalEnd()
            .parseDefaulting(ChronoField.HOUR_OF_DAY, 0)
            .parseDefaulting(ChronoField.MINUTE_OF_HOUR, 0)
            .parseDefaulting(ChronoField.SECOND_OF_MINUTE, 0)
            .parseDefaulting(ChronoField.OFFSET_SECONDS, 0)
            .toFormatter(Locale.ROOT);

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
        try {
            if (SECONDS.matcher(text).matches()) {
                return Optional.of(ofSeconds(new BigDecimal(text)));
            }
            Optional<Duration> ago = goDuration(text);
            return Optional.of(
                    ago.isPresent()
                            ? now.minus(ago.get())
                            : DATE_TIME.parse(text, OffsetDateTime::from).toInstant());
        } catch (DateTimeException | ArithmeticException e) {
            throw new InvalidParameter("failed to parse value as time or duration: \"" + text + "\"", e);
        }
    }

    private static Instant ofSeconds(BigDecimal seconds) {
        long whole = seconds.longValue();
        int nanos =
                seconds.subtract(BigDecimal.valueOf(whole)).movePointRight(9).intValue();
        return Instant.ofEpochSecond(whole, nanos);
    }

    private static Optional<Duration> goDuration(String text) {
        int start = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        Matcher matcher = GO_DURATION.matcher(text);
        BigDecimal nanos = BigDecimal.ZERO;
        int end = start;
        while (matcher.find() && matcher.start() == end) {
            nanos = nanos.add(new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit(matcher.group(2)))));
            end = matcher.end();
        }
        if (end < text.length() || end == start) {
            return Optional.empty();
        }
        Duration sum = Duration.ofNanos(nanos.toBigInteger().longValueExact());
        return Optional.of(text.startsWith("-") ? sum.negated() : sum);
    }

    private static long unit(String name) {
        return switch (name) {
            case "ns" -> 1L;
            case "us", "µs", "μs" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            default -> 3_600_000_000_000L;
        };
    }
}
