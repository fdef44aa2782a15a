package io.berth.engine.exec;

import io.berth.docker.error.NotFound;
import io.berth.engine.caller.Callers;
import io.berth.engine.container.Container;
import io.berth.engine.container.ContainerChanges;
import io.berth.engine.container.RemoveContainer;
import io.berth.engine.kept.KeptDefinitions;
import io.berth.engine.kept.Kind;
import io.berth.unixhttp.CallerIdentity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.springframework.stereotype.Component;

/**
 * All execs by id. Thread-safe. Ended ones can be inspected for some minutes, or until their
 * container is removed; there is a limit to how many are kept, and to the memory they take ({@link KeptExecs}).
 */
@Component
public final class Execs {
    private static final Duration KEPT = Duration.ofMinutes(5);

    /** Ended ones beyond these are forgotten before their time; an order is a request's, and its start the next one's. */
    private static final KeptExecs LIMITS = new KeptExecs(2_000, 1_000, 32 << 20);

    private final ConcurrentNavigableMap<String, Exec> byId = new ConcurrentSkipListMap<>();

    private final KeptDefinitions kept;

    Execs(RemoveContainer remove, ContainerChanges changes, KeptDefinitions kept) {
        this.kept = kept;
        remove.onRemoved(container -> byId.values().stream()
                .filter(exec -> exec.container() == container)
                .forEach(this::remove));
        changes.onChange(this::forgetOrders);
    }

    /** What was ordered of a run that has ended will not be started. */
    private void forgetOrders(Container container) {
        if (container.snapshot().state().process() == null) {
            byId.values().stream()
                    .filter(exec -> exec.container() == container && exec.unstarted())
                    .forEach(this::remove);
        }
    }

    /**
     * @throws NotFound when there is none of this id, or its container is not there for the present caller
     */
    public Exec find(String id) {
        Exec exec = byId.get(id);
        if (exec == null
                || !Callers.current().sees(exec.container().snapshot().spec().labels())) {
            throw new NotFound("No such exec instance: " + id);
        }
        return exec;
    }

    /** How many are known. */
    public int count() {
        return byId.size();
    }

    /** Forgets an exec that nobody will ask for. */
    void remove(Exec exec) {
        byId.remove(exec.id().value());
        exec.container().execIds().remove(exec.id().value());
        kept.remove(Kind.EXEC, exec.id().value());
    }

    /**
     * Adds one that was ordered.
     *
     * @throws io.berth.docker.error.Conflict when all that is kept takes too much memory, though orders of the same project have given way
     */
    void add(Exec exec) {
        Instant limit = Instant.now().minus(KEPT);
        byId.values().stream()
                .filter(old -> old.endedAt().map(end -> end.isBefore(limit)).orElse(false))
                .forEach(this::remove);
        count(exec);
        byId.put(exec.id().value(), exec);
        exec.container().execIds().add(exec.id().value());
        LIMITS.excess(byId.values()).forEach(this::remove);
    }

    private void count(Exec exec) {
        Map<String, String> labels = exec.container().snapshot().spec().labels();
        String project = project(exec);
        List<Exec> others = null;
        while (!kept.offer(Kind.EXEC, exec.id().value(), labels, exec.order())) {
            if (others == null) {
                others = KeptExecs.idle(byId.values().stream()
                        .filter(other -> project(other).equals(project))
                        .toList());
            }
            if (others.isEmpty()) {
                kept.put(Kind.EXEC, exec.id().value(), labels, exec.order());
                return;
            }
            remove(others.removeFirst());
        }
    }

    private static String project(Exec exec) {
        return exec.container().snapshot().spec().labels().getOrDefault(CallerIdentity.PROJECT_LABEL, "");
    }

    /** Less is kept of one that was started. */
    void shortened(Exec exec) {
        String id = exec.id().value();
        kept.load(Kind.EXEC, id, exec.container().snapshot().spec().labels(), exec.order());
        if (!byId.containsKey(id)) {
            kept.remove(Kind.EXEC, id); // it has gone meanwhile, or was never anybody's to find
        }
    }
}
