package io.berth.engine.kept;

import io.berth.docker.DockerJson;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.unixhttp.CallerIdentity;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * How much of the heap the definitions of containers, networks, volumes, secrets, configs and execs take, all of which are kept in
 * memory until they are removed, and how much of it may be whose: all together a quarter of the largest heap, those of projects
 * half of that, and those of one project half of this again. Whose a definition is, its label {@code io.berth.project} says; one
 * without is an operator's.
 *
 * <p>Thread-safe. Counts are the process's: what is stored is counted again when an engine starts ({@link #load}).
 */
@Component
@EnableConfigurationProperties(KeptProperties.class)
public final class KeptDefinitions {
    private static final Logger LOG = LoggerFactory.getLogger(KeptDefinitions.class);

    /** Bytes of JSON; the columns of the database, and a line of the file of changes, end soon after that. */
    private static final int LONGEST = 990_000;

    /** No definition has more bytes of JSON than that for each byte of the heap: a control character has six. */
    private static final int MOST_ESCAPED = 8;

    private static final long TELL_AGAIN_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long MEBIBYTE = 1 << 20;

    private final long most;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, Counted> counted = new HashMap<>();
    private final Map<String, Long> byProject = new HashMap<>();
    private long all;
    private long ofProjects;
    private long toldAtNanos = System.nanoTime() - TELL_AGAIN_NANOS;

    /** What is counted. */
    private record Key(Kind kind, String id) {}

    /**
     * What it counts.
     *
     * @param project empty for none
     */
    private record Counted(String project, long bytes) {}

    @Autowired
    KeptDefinitions(KeptProperties properties) {
        this(properties.bytes());
    }

    /**
     * The same with another bound.
     *
     * @param most bytes of all definitions together
     */
    KeptDefinitions(long most) {
        this.most = most;
    }

    /**
     * Counts a definition that is about to be kept, or to take the place of an earlier one of its id. One that takes no more than
     * that one is not refused for want of room.
     *
     * @param definition an immutable value of records, maps, lists and texts
     * @throws InvalidParameter when it is of a kind that is stored and has more than 990,000 bytes as JSON; nothing has changed
     *     then
     * @throws Conflict when all that are kept would take too much; nothing has changed then
     */
    public void put(Kind kind, String id, Map<String, String> labels, Object definition) {
        Optional<String> refusal = tryPut(kind, id, labels, definition);
        if (refusal.isPresent()) {
            tell(project(labels));
            throw new Conflict(refusal.get());
        }
    }

    /**
     * Does the same for one for which others may give way.
     *
     * @return whether there was room; nothing has changed otherwise
     * @throws InvalidParameter as above
     */
    public boolean offer(Kind kind, String id, Map<String, String> labels, Object definition) {
        return tryPut(kind, id, labels, definition).isEmpty();
    }

    private Optional<String> tryPut(Kind kind, String id, Map<String, String> labels, Object definition) {
        long footprint = Footprint.of(definition);
        if (kind.stored()
                && footprint > LONGEST / MOST_ESCAPED
                && DockerJson.MAPPER.writeValueAsBytes(definition).length > LONGEST) {
            throw new InvalidParameter("the definition is too long: as JSON it may have " + LONGEST + " bytes");
        }
        Key key = new Key(kind, id);
        Counted next = new Counted(project(labels), kind.baseBytes() + footprint);
        return exclusively(() -> {
            Optional<String> refusal = refusal(counted.get(key), next);
            if (refusal.isEmpty()) {
                replace(key, next);
            }
            return refusal;
        });
    }

    /** Counts a definition that is stored, however much there is already. */
    public void load(Kind kind, String id, Map<String, String> labels, Object definition) {
        Counted stored = new Counted(project(labels), kind.baseBytes() + Footprint.of(definition));
        exclusively(() -> replace(new Key(kind, id), stored));
    }

    /** What was kept is gone, or was not kept after all; does nothing when it was not counted. */
    public void remove(Kind kind, String id) {
        exclusively(() -> replace(new Key(kind, id), null));
    }

    /** Bytes that all take, about. */
    long bytes() {
        return exclusively(() -> all);
    }

    private Optional<String> refusal(@Nullable Counted before, Counted next) {
        long more = next.bytes() - (before == null ? 0 : before.bytes());
        if (more <= 0) {
            return Optional.empty();
        }
        if (all + more > most) {
            return Optional.of(text("containers, networks, volumes and secrets take", most));
        }
        if (next.project().isEmpty()) {
            return Optional.empty();
        }
        long mostOfOne = most / 4;
        if (byProject.getOrDefault(next.project(), 0L) + more > mostOfOne) {
            return Optional.of(text(
                    "containers, networks, volumes and secrets of project " + next.project() + " take", mostOfOne));
        }
        return ofProjects + more > most / 2
                ? Optional.of(text("containers, networks, volumes and secrets of all projects take", most / 2))
                : Optional.empty();
    }

    private static String text(String whose, long bound) {
        return "the definitions of " + whose + " too much memory: there may be " + bound / MEBIBYTE
                + " MiB of them; remove some first";
    }

    private boolean replace(Key key, @Nullable Counted next) {
        @Nullable Counted before = next == null ? counted.remove(key) : counted.put(key, next);
        if (before != null) {
            add(before.project(), -before.bytes());
        }
        if (next != null) {
            add(next.project(), next.bytes());
        }
        return true;
    }

    private void add(String project, long bytes) {
        all += bytes;
        if (!project.isEmpty()) {
            ofProjects += bytes;
            byProject.merge(project, bytes, (before, more) -> before + more == 0 ? null : before + more);
        }
    }

    /** Refusals may be many: one in a minute is told of. */
    private void tell(String project) {
        exclusively(() -> {
            long now = System.nanoTime();
            if (now - toldAtNanos >= TELL_AGAIN_NANOS) {
                toldAtNanos = now;
                LOG.atWarn()
                        .addKeyValue("project", project)
                        .addKeyValue("bytesOfProject", byProject.getOrDefault(project, 0L))
                        .addKeyValue("bytesOfProjects", ofProjects)
                        .addKeyValue("bytes", all)
                        .addKeyValue("mostBytes", most)
                        .log("a definition was refused: those that are kept take too much memory");
            }
            return true;
        });
    }

    private static String project(Map<String, String> labels) {
        return labels.getOrDefault(CallerIdentity.PROJECT_LABEL, "");
    }

    private <T> T exclusively(Supplier<T> change) {
        lock.lock();
        try {
            return change.get();
        } finally {
            lock.unlock();
        }
    }
}
