package io.berth.image.removal;

import io.berth.oci.Digest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * Images that the engine has resolved a moment ago and may be making a container of: their content must not go yet, though
 * the engine cannot name a container that uses them. Thread-safe; in memory.
 */
@Component
public final class ImageHolds {
    static final Duration DURATION = Duration.ofMinutes(1);

    private final ConcurrentHashMap<Digest, Instant> until = new ConcurrentHashMap<>();
    private final Clock clock = Clock.systemUTC();

    /** Keeps the image's content for a minute from now. */
    public void hold(Digest imageId) {
        until.put(imageId, clock.instant().plus(DURATION));
    }

    boolean isHeld(Digest imageId) {
        Instant now = clock.instant();
        until.values().removeIf(end -> end.isBefore(now));
        return until.containsKey(imageId);
    }
}
