package io.berth.engine.container;

import io.berth.docker.container.ContainerConfig;
import io.berth.docker.container.HealthConfig;
import io.berth.docker.error.InvalidParameter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a container's health is found out, with Docker's defaults filled in (moby: daemon/health.go).
 *
 * @param argv the probe, with the shell where it is a line for one
 * @param interval from the end of a probe to the start of the next
 * @param timeout how long a probe may run
 * @param startPeriod for how long after its start failures do not count, until the first success
 * @param startInterval the interval in the start period
 * @param retries after how many failures in a row it is unhealthy
 */
public record HealthCheck(
        List<String> argv,
        Duration interval,
        Duration timeout,
        Duration startPeriod,
        Duration startInterval,
        int retries) {

    private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(30);
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration DEFAULT_START_INTERVAL = Duration.ofSeconds(5);
    private static final int DEFAULT_RETRIES = 3;
    private static final Duration MINIMUM = Duration.ofMillis(1);
    private static final List<String> DEFAULT_SHELL = List.of("/bin/sh", "-c");

    public HealthCheck {
        argv = List.copyOf(argv);
    }

    /** The health check of a container; empty when it has none, or one of an unknown kind. */
    public static Optional<HealthCheck> of(ContainerConfig config) {
        @Nullable HealthConfig health = config.healthcheck();
        List<String> argv = health == null || health.test() == null ? List.of() : argv(health.test(), config.shell());
        if (health == null || argv.isEmpty()) {
            return Optional.empty();
        }
        int retries = health.retries() == null || health.retries() <= 0 ? DEFAULT_RETRIES : health.retries();
        return Optional.of(new HealthCheck(
                argv,
                duration(health.interval(), DEFAULT_INTERVAL),
                duration(health.timeout(), DEFAULT_TIMEOUT),
                duration(health.startPeriod(), Duration.ZERO),
                duration(health.startInterval(), DEFAULT_START_INTERVAL),
                retries));
    }

    private static List<String> argv(List<String> test, @Nullable List<String> shell) {
        if (test.isEmpty()) {
            return List.of();
        }
        List<String> words = test.subList(1, test.size());
        return switch (test.getFirst()) {
            case "CMD" -> words;
            case "CMD-SHELL" -> {
                List<String> argv = new ArrayList<>(shell == null || shell.isEmpty() ? DEFAULT_SHELL : shell);
                argv.addAll(words);
                yield words.isEmpty() ? List.of() : argv;
            }
            default -> List.of();
        };
    }

    private static Duration duration(@Nullable Long nanos, Duration absent) {
        return nanos == null || nanos == 0 ? absent : Duration.ofNanos(nanos);
    }

    /** How long to wait for the next probe (moby: monitor's getInterval). */
    public Duration nextAfter(Duration sinceStart, Health.Status status) {
        boolean starting = sinceStart.compareTo(startPeriod) < 0 && status == Health.Status.STARTING;
        return starting ? startInterval : interval;
    }

    /**
     * Refuses values that make no sense.
     *
     * @throws InvalidParameter in moby's words (daemon/container.go, validateHealthCheck)
     */
    static void check(@Nullable HealthConfig health) {
        if (health == null) {
            return;
        }
        checkDuration("Interval", health.interval());
        checkDuration("Timeout", health.timeout());
        if (health.retries() != null && health.retries() < 0) {
            throw new InvalidParameter("Retries in Healthcheck cannot be negative");
        }
        checkDuration("StartPeriod", health.startPeriod());
        checkDuration("StartInterval", health.startInterval());
    }

    private static void checkDuration(String name, @Nullable Long nanos) {
        if (nanos != null && nanos != 0 && nanos < MINIMUM.toNanos()) {
            throw new InvalidParameter(name + " in Healthcheck cannot be less than 1ms");
        }
    }
}
