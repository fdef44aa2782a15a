package io.berth.registryclient;

import io.berth.outgoing.DestinationRefused;
import io.berth.outgoing.Destinations;
import io.berth.outgoing.OutgoingCall;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests and repeats what may be repeated: broken connections, 429 (as long as {@code Retry-After} asks for) and
 * server errors, with growing pauses. Blocking; interrupting the calling thread ends the request. Thread-safe.
 */
final class Sender {
    private static final Duration WATCH_INTERVAL = Duration.ofSeconds(1);

    private final HostConnections hosts;
    private final TransferLimits limits;
    private final Destinations destinations;

    /** Which failures a request survives. */
    enum Repeat {
        /** Everything that may pass. */
        ALWAYS,
        /** As {@link #ALWAYS}, but when nobody listens there it fails at once: the first contact with a registry. */
        UNLESS_REFUSED,
        /**
         * Answers that may pass, such as 429. When there is no answer the failure is thrown as it is, since the caller repeats
         * what breaks off and counts the tries.
         */
        UNLESS_BROKEN_OFF,
        /** Nothing: the caller repeats on a larger scale. */
        NEVER
    }

    /** @param destinations that requests may go to */
    Sender(HostConnections hosts, TransferLimits limits, Destinations destinations) {
        this.hosts = hosts;
        this.limits = limits;
        this.destinations = destinations;
    }

    /** For requests that a registry elsewhere has sent us away with: they do not go to this machine. */
    Sender elsewhere() {
        return new Sender(hosts, limits, destinations.butLocal());
    }

    TransferLimits limits() {
        return limits;
    }

    /**
     * Sends until there is a response that stands.
     *
     * @param sent progress of the request's body, or null when it has none or a small one: as long as it changes the request
     *     is not given up
     * @return a response of any status; the caller closes its body
     * @throws RegistryException when the last attempt gave no response at all
     */
    HttpResponse<InputStream> sendWithRetries(HttpRequest.Builder request, Repeat repeat, @Nullable LongSupplier sent)
            throws IOException {
        HttpRequest built = sent == null ? request.timeout(limits.silence()).build() : request.build();
        int attempts = repeat == Repeat.NEVER ? 1 : limits.attempts();
        for (int attempt = 1; ; attempt++) {
            Duration pause;
            try {
                HttpResponse<InputStream> response = sent == null ? sendOnce(built) : sendWatched(built, sent);
                if (attempt >= attempts || !passing(response.statusCode())) {
                    return response;
                }
                pause = retryAfter(response, attempt);
                response.body().close();
            } catch (IOException e) {
                if (repeat == Repeat.UNLESS_BROKEN_OFF && !lasting(e, repeat)) {
                    throw e;
                }
                if (attempt >= attempts || lasting(e, repeat)) {
                    throw Failures.describe(built.method(), built.uri(), e);
                }
                pause = limits.pauseAfter(attempt);
            }
            sleep(pause);
        }
    }

    private HttpResponse<InputStream> sendOnce(HttpRequest request) throws IOException {
        try {
            return hosts.to(request.uri()).send(request, destinations);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Sends a large body, however long that takes, as long as it goes on. */
    private HttpResponse<InputStream> sendWatched(HttpRequest request, LongSupplier sent) throws IOException {
        OutgoingCall call = hosts.to(request.uri()).start(request, destinations);
        long before = sent.getAsLong();
        Instant giveUp = Instant.now().plus(patience());
        while (true) {
            try {
                return call.result().get(WATCH_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                long now = sent.getAsLong();
                if (now != before) {
                    before = now;
                    giveUp = Instant.now().plus(patience());
                } else if (Instant.now().isAfter(giveUp)) {
                    call.giveUp();
                    throw (IOException) new HttpTimeoutException("request timed out").initCause(e);
                }
            } catch (InterruptedException e) {
                call.giveUp();
                throw interrupted(e);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof IOException failure
                        ? failure
                        : new IOException(
                                e.getCause() == null
                                        ? e.getMessage()
                                        : e.getCause().getMessage(),
                                e);
            }
        }
    }

    /** A registry may verify and sync a large blob before it answers. */
    private Duration patience() {
        return limits.silence().multipliedBy(5);
    }

    /** Waits before another attempt. */
    void pause(int failedAttempts) throws IOException {
        sleep(limits.pauseAfter(failedAttempts));
    }

    private static void sleep(Duration pause) throws IOException {
        // Up to a quarter longer, so that the layers of one pull do not all come back at the same instant.
        long millis = pause.toMillis();
        try {
            Thread.sleep(millis + ThreadLocalRandom.current().nextLong(millis / 4 + 1));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    static IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return (IOException) new InterruptedIOException("interrupted").initCause(e);
    }

    /** Whether a status may be another one soon. */
    static boolean passing(int status) {
        return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
    }

    private static boolean lasting(IOException failure, Repeat repeat) {
        return failure instanceof InterruptedIOException
                || failure instanceof RegistryException
                || failure instanceof DestinationRefused
                || failure instanceof SSLException
                || (repeat == Repeat.UNLESS_REFUSED && failure instanceof ConnectException);
    }

    private Duration retryAfter(HttpResponse<?> response, int attempt) {
        Duration own = limits.pauseAfter(attempt);
        Duration asked = response.headers()
                .firstValue("Retry-After")
                .map(Sender::parseDelay)
                .orElse(own);
        if (asked.isNegative()) {
            return own;
        }
        return asked.compareTo(limits.longestPause()) < 0 ? asked : limits.longestPause();
    }

    private static Duration parseDelay(String text) {
        String value = text.strip();
        if (value.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(value));
        }
        try {
            return Duration.between(
                    Instant.now(),
                    ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant());
        } catch (DateTimeParseException e) {
            return Duration.ofSeconds(-1);
        }
    }
}
