package io.berth.dockerfile;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/** Times as Go writes them: {@code 1h30m}, {@code 1.5s}, {@code 500ms}. */
final class GoDuration {
    private static final int MAX_LENGTH = 100;

    private GoDuration() {}

    /** @throws DockerfileException as Go words it */
    static Duration parse(String text) {
        int at = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        if (text.substring(at).equals("0")) {
            return Duration.ZERO;
        }
        if (at == text.length() || text.length() > MAX_LENGTH) {
            throw invalid(text);
        }
        BigDecimal nanos = BigDecimal.ZERO;
        while (at < text.length()) {
            int end = skip(text, at, true);
            String number = text.substring(at, end);
            if (!number.matches("[0-9]+\\.?[0-9]*|\\.[0-9]+")) {
                throw invalid(text);
            }
            at = skip(text, end, false);
            nanos = nanos.add(new BigDecimal(number).multiply(unit(text.substring(end, at), text)));
        }
        BigDecimal whole = nanos.setScale(0, RoundingMode.DOWN);
        if (whole.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw invalid(text);
        }
        Duration duration = Duration.ofNanos(whole.longValueExact());
        return text.startsWith("-") ? duration.negated() : duration;
    }

    private static int skip(String text, int from, boolean digits) {
        int at = from;
        while (at < text.length() && "0123456789.".indexOf(text.charAt(at)) >= 0 == digits) {
            at++;
        }
        return at;
    }

    private static BigDecimal unit(String unit, String text) {
        return BigDecimal.valueOf(
                switch (unit) {
                    case "ns" -> 1L;
                    case "us", "µs", "μs" -> 1_000L;
                    case "ms" -> 1_000_000L;
                    case "s" -> 1_000_000_000L;
                    case "m" -> 60_000_000_000L;
                    case "h" -> 3_600_000_000_000L;
                    case "" -> throw new DockerfileException("time: missing unit in duration " + Text.quote(text));
                    default ->
                        throw new DockerfileException(
                                "time: unknown unit " + Text.quote(unit) + " in duration " + Text.quote(text));
                });
    }

    private static DockerfileException invalid(String text) {
        return new DockerfileException("time: invalid duration " + Text.quote(text));
    }
}
