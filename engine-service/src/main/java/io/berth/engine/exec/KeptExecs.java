package io.berth.engine.exec;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which execs give way when there are too many or they take too much memory. Those that have ended go first, the oldest first. Of those that were
 * never started the oldest goes of the container that has most: whoever leaves orders lying about loses his own, and
 * nobody else loses one between its order and its start. What runs stays. Pure.
 *
 * @param ended how many that have ended are kept
 * @param unstarted how many that were never started are kept of one container
 * @param bytes that all together may take, those that run not counted
 */
record KeptExecs(int ended, int unstarted, long bytes) {

    /** Those to be forgotten. */
    List<Exec> excess(Collection<Exec> all) {
        List<Exec> over = new ArrayList<>();
        List<Exec> done =
                sorted(all.stream().filter(exec -> exec.endedAt().isPresent()).toList());
        if (done.size() > ended) {
            // Half of them, so that this is not done for each new one.
            over.addAll(done.subList(0, done.size() - ended / 2));
        }
        Map<Object, List<Exec>> pending = new HashMap<>();
        all.stream()
                .filter(Exec::unstarted)
                .forEach(exec -> pending.computeIfAbsent(exec.container(), _ -> new ArrayList<>())
                        .add(exec));
        pending.replaceAll((_, execs) -> sorted(execs));
        for (List<Exec> ofOne : pending.values()) {
            while (ofOne.size() > unstarted) {
                over.add(ofOne.removeFirst());
            }
        }
        done.removeAll(over);
        long left = bytes(done)
                + pending.values().stream().mapToLong(KeptExecs::bytes).sum();
        while (left > bytes) {
            @Nullable Exec next = done.isEmpty() ? ofTheLargest(pending) : done.removeFirst();
            if (next == null) {
                break;
            }
            left -= next.bytes();
            over.add(next);
        }
        return over;
    }

    private static @Nullable Exec ofTheLargest(Map<Object, List<Exec>> pending) {
        return pending.values().stream()
                .filter(execs -> !execs.isEmpty())
                .max(Comparator.comparingLong(KeptExecs::bytes))
                .map(List::removeFirst)
                .orElse(null);
    }

    /** Those that do not run, in the order in which they give way: those that have ended, then those that were never started. */
    static List<Exec> idle(Collection<Exec> all) {
        List<Exec> idle =
                sorted(all.stream().filter(exec -> exec.endedAt().isPresent()).toList());
        idle.addAll(sorted(all.stream().filter(Exec::unstarted).toList()));
        return idle;
    }

    private static List<Exec> sorted(List<Exec> execs) {
        List<Exec> sorted = new ArrayList<>(execs);
        sorted.sort(Comparator.comparing(exec -> exec.endedAt().orElse(exec.orderedAt())));
        return sorted;
    }

    private static long bytes(List<Exec> execs) {
        return execs.stream().mapToLong(Exec::bytes).sum();
    }
}
