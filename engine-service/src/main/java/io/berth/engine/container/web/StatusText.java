package io.berth.engine.container.web;

import io.berth.engine.container.ContainerState;
import io.berth.engine.container.Health;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A container's state in words, as {@code docker ps} shows it (moby: daemon/container/state.go, go-units HumanDuration). */
final class StatusText {
    private StatusText() {}

    static String of(ContainerState state, @Nullable Health health, Instant now) {
        return switch (state.status()) {
            case RUNNING -> "Up " + since(state.startedAt(), now) + health(health);
            case PAUSED -> "Up " + since(state.startedAt(), now) + " (Paused)";
            case RESTARTING -> "Restarting (" + state.exitCode() + ") " + since(state.finishedAt(), now) + " ago";
            case REMOVING -> "Removal In Progress";
            case DEAD -> "Dead";
            case CREATED, EXITED ->
                state.startedAt() == null || state.finishedAt() == null
                        ? "Created"
                        : "Exited (" + state.exitCode() + ") " + since(state.finishedAt(), now) + " ago";
        };
    }

    private static String health(@Nullable Health health) {
        if (health == null) {
            return "";
        }
        return health.status() == Health.Status.STARTING
                ? " (health: starting)"
                : " (" + health.status().text() + ")";
    }

    private static String since(@Nullable Instant start, Instant now) {
        return start == null ? "Less than a second" : human(Duration.between(start, now));
    }

    /** Roughly how long. */
    static String human(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 1) {
            return "Less than a second";
        }
        if (seconds == 1) {
            return "1 second";
        }
        if (seconds < 60) {
            return seconds + " seconds";
        }
        long minutes = duration.toMinutes();
        if (minutes == 1) {
            return "About a minute";
        }
        if (minutes < 60) {
            return minutes + " minutes";
        }
        long hours = Math.round(seconds / 3600.0);
        if (hours == 1) {
            return "About an hour";
        }
        if (hours < 48) {
            return hours + " hours";
        }
        if (hours < 24 * 7 * 2) {
            return hours / 24 + " days";
        }
        if (hours < 24 * 30 * 2) {
            return hours / 24 / 7 + " weeks";
        }
        if (hours < 24 * 365 * 2) {
            return hours / 24 / 30 + " months";
        }
        return hours / 24 / 365 + " years";
    }
}
