package io.berth.engine.container;

import io.berth.docker.container.RestartPolicy;
import java.time.Duration;

/** Whether and when a container is started again (moby: daemon/internal/restartmanager). */
final class RestartDecision {
    private static final Duration FIRST_DELAY = Duration.ofMillis(100);
    private static final Duration MAX_DELAY = Duration.ofMinutes(1);
    private static final Duration STABLE = Duration.ofSeconds(10);

    private RestartDecision() {}

    /** After an exit. */
    static boolean afterExit(RestartPolicy policy, int exitCode, int restarts, boolean stoppedByUser) {
        if (stoppedByUser) {
            return false;
        }
        return switch (policy.name()) {
            case "always", "unless-stopped" -> true;
            case "on-failure" ->
                exitCode != 0 && (policy.maximumRetryCount() == 0 || restarts < policy.maximumRetryCount());
            default -> false;
        };
    }

    /** When the engine starts and finds it not running. */
    static boolean atEngineStart(RestartPolicy policy, ContainerState state) {
        if (state.startedAt() == null) {
            return false;
        }
        return switch (policy.name()) {
            case "always" -> true;
            case "unless-stopped" -> !state.stoppedByUser();
            case "on-failure" -> afterExit(policy, state.exitCode(), state.restartCount(), state.stoppedByUser());
            default -> false;
        };
    }

    /**
     * How long to wait before the next start: twice as long as before the last one, from the beginning again after a run that
     * was long enough.
     *
     * @param last the delay before the last start; zero when a user started it
     */
    static Duration delay(Duration last, Duration lastRun) {
        if (last.isZero() || lastRun.compareTo(STABLE) >= 0) {
            return FIRST_DELAY;
        }
        Duration delay = last.multipliedBy(2);
        return delay.compareTo(MAX_DELAY) > 0 ? MAX_DELAY : delay;
    }
}
