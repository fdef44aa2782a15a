package io.berth.engine.exec;

import io.berth.docker.error.NotFound;
import io.berth.engine.container.RemoveContainer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.springframework.stereotype.Component;

/** All execs by id. Thread-safe. Ended ones can be inspected for some minutes, or until their container is removed. */
@Component
public final class Execs {
    private static final Duration KEPT = Duration.ofMinutes(5);

    private final ConcurrentNavigableMap<String, Exec> byId = new ConcurrentSkipListMap<>();

    Execs(RemoveContainer remove) {
        remove.onRemoved(container -> byId.values().removeIf(exec -> exec.container() == container));
    }

    /**
     * @throws NotFound when there is none of this id
     */
    public Exec find(String id) {
        Exec exec = byId.get(id);
        if (exec == null) {
            throw new NotFound("No such exec instance: " + id);
        }
        return exec;
    }

    void add(Exec exec) {
        Instant limit = Instant.now().minus(KEPT);
        byId.values()
                .removeIf(old -> old.endedAt().map(end -> end.isBefore(limit)).orElse(false));
        byId.put(exec.id().value(), exec);
    }
}
