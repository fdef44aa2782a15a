package io.berth.buildkit.control;

import io.berth.buildkit.Client;
import io.berth.buildkit.rpc.Ids;
import io.berth.buildkit.wire.ControlProto.SolveRequest;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.Unavailable;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The builds there are and the last that there were. A client knows those of its owner; one that is not restricted may also look at
 * others'. Safe for several threads.
 */
final class Builds {
    private static final int MAX_ACTIVE = 100;
    private static final int MAX_RESTRICTED_ACTIVE = 20;
    private static final int MAX_ENDED = 50;
    private static final int MAX_RESTRICTED_PINNED = 10;
    private static final int MAX_ENDED_INTERNAL = 10;
    private static final long ENDED_OUTPUT_BYTES = 512 * 1024;

    private final Clock clock;

    /** Refs are clients' own words: two owners may have the same. */
    private record Key(String owner, String ref) {
        static Key of(Build build) {
            return new Key(build.client().owner(), build.ref());
        }
    }

    /** Oldest first; both those under way and those that have ended. */
    private final Map<Key, Build> builds = new LinkedHashMap<>();

    /**
     * The last internal builds that have ended, oldest first. They are in no history, but the client's question
     * for the progress of one may come when it has ended already.
     */
    private final Map<Key, Build> endedInternal = new LinkedHashMap<>();

    private final Set<Key> pinned = new HashSet<>();
    private long changes;

    Builds(Clock clock) {
        this.clock = clock;
    }

    /**
     * Begins a build.
     *
     * @throws Conflict when one of that ref is under way
     */
    synchronized Build begin(Client client, SolveRequest request) {
        String ref = Ids.check("build", request.getRef());
        Key key = new Key(client.owner(), ref);
        @Nullable Build same = builds.get(key);
        if (same != null && same.ended() == null) {
            throw new Conflict("job ID " + ref + " exists");
        }
        List<Build> active =
                builds.values().stream().filter(build -> build.ended() == null).toList();
        if (active.size() >= MAX_ACTIVE
                || (client.restricted() && active.stream().filter(isOf(client)).count() >= MAX_RESTRICTED_ACTIVE)) {
            throw new Unavailable("too many builds at once");
        }
        builds.remove(key);
        endedInternal.remove(key);
        Build build = new Build(client, request, new BuildLog(clock), clock.instant());
        builds.put(key, build);
        changed();
        return build;
    }

    /** A build has ended, as it knows itself. */
    synchronized void ended(Build build) {
        if (build.request().getInternal()) {
            builds.remove(Key.of(build), build);
            endedInternal.values().forEach(other -> other.log().shrink(ENDED_OUTPUT_BYTES));
            endedInternal.put(Key.of(build), build);
            if (endedInternal.size() > MAX_ENDED_INTERNAL) {
                endedInternal.remove(endedInternal.keySet().iterator().next());
            }
        }
        // Not this one's: its listeners may not have all of it yet.
        for (Build other : builds.values()) {
            if (other.ended() != null && !other.equals(build)) {
                other.log().shrink(ENDED_OUTPUT_BYTES);
            }
        }
        long ended = builds.values().stream().filter(any -> any.ended() != null).count();
        for (Iterator<Build> all = builds.values().iterator(); all.hasNext() && ended > MAX_ENDED; ) {
            Build oldest = all.next();
            if (oldest.ended() != null && !pinned.contains(Key.of(oldest))) {
                all.remove();
                ended--;
            }
        }
        changed();
    }

    private void changed() {
        changes++;
        notifyAll();
    }

    /**
     * A build that the client may look at, which may be just about to begin, or may just have ended.
     *
     * @throws NotFound when there is none, nor any soon
     */
    synchronized Build await(Client client, String ref, Duration patience) throws InterruptedException {
        return await(() -> find(client, ref), ref, patience);
    }

    /** A build of the client's own, to work on. */
    synchronized Build awaitOwn(Client client, String ref, Duration patience) throws InterruptedException {
        return await(() -> own(client, ref), ref, patience);
    }

    private @Nullable Build own(Client client, String ref) {
        Key key = new Key(client.owner(), ref);
        return builds.getOrDefault(key, endedInternal.get(key));
    }

    private @Nullable Build find(Client client, String ref) {
        @Nullable Build own = own(client, ref);
        if (own != null || client.restricted()) {
            return own;
        }
        return builds.values().stream()
                .filter(build -> build.ref().equals(ref))
                .findFirst()
                .orElse(null);
    }

    private synchronized Build await(Supplier<@Nullable Build> search, String ref, Duration patience)
            throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            @Nullable Build build = search.get();
            if (build != null) {
                return build;
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new NotFound("no such job " + ref);
            }
            wait(Math.max(1, left / 1_000_000));
        }
    }

    private static Predicate<Build> isOf(Client client) {
        return build -> build.client().owner().equals(client.owner());
    }

    /** All that the client may look at, oldest first. */
    synchronized List<Build> all(Client client) {
        List<Build> all = new ArrayList<>(builds.values());
        all.removeIf(client.restricted() ? isOf(client).negate() : _ -> false);
        return all;
    }

    synchronized boolean isPinned(Build build) {
        return pinned.contains(Key.of(build));
    }

    /** A number that differs when builds have begun, ended or been removed. */
    synchronized long changes() {
        return changes;
    }

    synchronized void awaitChange(long known, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (changes == known) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return;
            }
            wait(Math.max(1, left / 1_000_000));
        }
    }

    /**
     * Keeps an ended build beyond the last fifty, or no longer.
     *
     * @throws NotFound when there is no such build
     */
    synchronized void pin(Client client, String ref, boolean keep) {
        Key key = Key.of(requireEnded(client, ref));
        long own = pinned.stream()
                .filter(other -> other.owner().equals(key.owner()))
                .count();
        if (keep && pinned.size() < MAX_ENDED && !(client.restricted() && own >= MAX_RESTRICTED_PINNED)) {
            pinned.add(key);
        } else {
            pinned.remove(key);
        }
        changed();
    }

    /** Forgets an ended build. */
    synchronized void remove(Client client, String ref) {
        Key key = Key.of(requireEnded(client, ref));
        builds.remove(key);
        pinned.remove(key);
        changed();
    }

    private Build requireEnded(Client client, String ref) {
        @Nullable Build build = find(client, ref);
        if (build == null || build.ended() == null) {
            throw new NotFound("no such build record: " + ref);
        }
        return build;
    }
}
