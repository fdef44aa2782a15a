package io.berth.registry.durability;

import java.time.Duration;
import java.time.Instant;

/**
 * When things that nobody needs may be collected.
 *
 * @param grace how long what no manifest names, or no tag keeps, stays all the same: as long as a push may take
 * @param delay how long content stays after nothing names it any more, for those who are reading it and for backups
 * @param untagged whether manifests go that no tag, index or subject keeps
 */
public record CollectionTimes(Duration grace, Duration delay, boolean untagged) {
    /** Whether a sign of interest at this moment is worth a write, when the last one was at the given time. */
    public boolean worthRenewing(Instant last, Instant now) {
        return last.isBefore(now.minus(grace.dividedBy(10)));
    }
}
