package io.berth.gateway.resilience;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Places of one kind, which many callers want: each may have its share, some are for operators alone, and an operator is refused only
 * when operators have all of them. Thread-safe; never blocks.
 */
public final class Places {
    private final String kind;
    private final int total;
    private final int share;
    private final int othersTotal;
    /** Of callers that have one; guarded by this. */
    private final Map<Caller, Integer> taken = new HashMap<>();

    private int byOperators;
    private int byOthers;
    private final Map<Shortage, LongAdder> refused = new EnumMap<>(Shortage.class);

    /** @param kind in the plural, as clients are told */
    Places(String kind, int total, Share share) {
        this.kind = kind;
        this.total = total;
        this.share = share.of(total);
        this.othersTotal = Math.max(1, total - share.reserve(total));
        for (Shortage shortage : Shortage.values()) {
            refused.put(shortage, new LongAdder());
        }
    }

    /** Takes a place; what comes back, if anything, says why there is none. */
    public Optional<Shortage> take(Caller caller) {
        Shortage shortage = tryTake(caller);
        if (shortage != null) {
            refused.getOrDefault(shortage, new LongAdder()).increment();
        }
        return Optional.ofNullable(shortage);
    }

    private synchronized @Nullable Shortage tryTake(Caller caller) {
        if (caller.operator()) {
            if (byOperators >= total) {
                return Shortage.ALL_TAKEN;
            }
            byOperators++;
            return null;
        }
        int own = taken.getOrDefault(caller, 0);
        if (own >= share) {
            return Shortage.OWN_SHARE;
        }
        if (byOthers >= othersTotal) {
            return Shortage.ALL_TAKEN;
        }
        taken.put(caller, own + 1);
        byOthers++;
        return null;
    }

    /** Gives back a place that the caller has taken. */
    public synchronized void release(Caller caller) {
        if (caller.operator()) {
            byOperators--;
            return;
        }
        byOthers--;
        taken.computeIfPresent(caller, (_, own) -> own == 1 ? null : own - 1);
    }

    /** What they are for. */
    public String kind() {
        return kind;
    }

    /** Places that operators have. */
    synchronized int byOperators() {
        return byOperators;
    }

    /** Places that all others have. */
    synchronized int byOthers() {
        return byOthers;
    }

    /** How often there was none. */
    long refused(Shortage shortage) {
        return refused.getOrDefault(shortage, new LongAdder()).sum();
    }
}
