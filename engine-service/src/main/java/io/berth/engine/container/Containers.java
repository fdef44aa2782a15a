package io.berth.engine.container;

import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.caller.Caller;
import io.berth.engine.caller.Callers;
import io.berth.engine.runtime.ContainerId;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** All containers by id and by name. Thread-safe; lookups take no lock. */
@Component
public final class Containers {
    private static final Pattern FULL_ID = Pattern.compile("[0-9a-f]{64}");

    private final ConcurrentNavigableMap<String, Container> byId = new ConcurrentSkipListMap<>();
    private final ConcurrentMap<String, ContainerId> names = new ConcurrentHashMap<>();
    private final Set<ContainerId> leaving = ConcurrentHashMap.newKeySet();

    /**
     * Finds a container among those that are there for the present caller: by full id, else by name, else by a prefix of its id,
     * in this order as Docker does.
     *
     * @throws NoSuchContainer when there is none
     * @throws InvalidParameter when a prefix is that of several
     */
    public Container find(String reference) {
        Caller caller = Callers.current();
        Container exact = byId.get(reference);
        if (exact != null && isThere(exact, caller)) {
            return exact;
        }
        @Nullable Container found = byName(reference);
        return found != null && isThere(found, caller) ? found : byPrefix(reference, caller);
    }

    private @Nullable Container byName(String reference) {
        ContainerId named = names.get(reference.startsWith("/") ? reference.substring(1) : reference);
        return named == null ? null : byId.get(named.value());
    }

    /** Whether a container is there for the present caller; to operators also one that is about to be made. */
    boolean isThere(String id) {
        Caller caller = Callers.current();
        Container container = byId.get(id);
        return container == null ? !caller.restricted() : isThere(container, caller);
    }

    private static boolean isThere(Container container, Caller caller) {
        return !caller.restricted() || caller.sees(container.snapshot().spec().labels());
    }

    /**
     * Finds a container that another one was given when it was made, by the full id that is kept since then; one that was not there yet
     * is kept by its name.
     *
     * @throws NoSuchContainer when there is none: who has got its name or a similar id since is another
     */
    Container given(String kept) {
        Container found = byId.get(kept);
        if (found == null && !FULL_ID.matcher(kept).matches()) {
            found = byName(kept);
        }
        if (found == null) {
            throw new NoSuchContainer(kept);
        }
        return found;
    }

    private Container byPrefix(String prefix, Caller caller) {
        if (prefix.isEmpty()) {
            throw new NoSuchContainer(prefix);
        }
        List<Container> found = byId.tailMap(prefix, true).entrySet().stream()
                .takeWhile(entry -> entry.getKey().startsWith(prefix))
                .map(Map.Entry::getValue)
                .filter(container -> isThere(container, caller))
                .limit(2)
                .toList();
        if (found.isEmpty()) {
            throw new NoSuchContainer(prefix);
        }
        if (found.size() > 1) {
            throw new InvalidParameter("multiple IDs found with provided prefix: " + prefix);
        }
        return found.getFirst();
    }

    /** The container of this id, if there is one. */
    Optional<Container> byId(ContainerId id) {
        return Optional.ofNullable(byId.get(id.value()));
    }

    /** All of them, in no order. */
    public Collection<Container> all() {
        return byId.values();
    }

    /** All of them, the newest first. */
    public List<Container> newestFirst() {
        return byId.values().stream()
                .sorted(Comparator.comparing((Container container) ->
                                container.snapshot().spec().created())
                        .reversed())
                .toList();
    }

    /**
     * Takes a name for a container that is about to be created or renamed.
     *
     * @throws Conflict when another has it, in moby's words; the id of one that is not there for the caller is not told
     */
    void reserve(String name, ContainerId id) {
        @Nullable ContainerId holder = names.putIfAbsent(name, id);
        if (holder != null) {
            Caller caller = Callers.current();
            @Nullable Container other = byId.get(holder.value());
            if (caller.restricted() && (other == null || !isThere(other, caller))) {
                throw new Conflict("Conflict. The container name \"/" + name
                        + "\" is already in use. You have to choose another name.");
            }
            throw new Conflict("Conflict. The container name \"/" + name + "\" is already in use by container \""
                    + holder + "\". You have to remove (or rename) that container to be able to reuse that name.");
        }
    }

    /** Tries to take a name. */
    boolean tryReserve(String name, ContainerId id) {
        return names.putIfAbsent(name, id) == null;
    }

    /** Gives a name back. */
    void release(String name, ContainerId id) {
        names.remove(name, id);
    }

    /** Adds a container whose name is reserved. */
    void add(Container container) {
        byId.put(container.id().value(), container);
    }

    /** Takes a container out that is being removed: nobody finds it any more. */
    void remove(Container container) {
        leaving.add(container.id());
        byId.remove(container.id().value());
        release(container.snapshot().name(), container.id());
    }

    /** What a removed container had is gone, or was left behind. */
    void removed(Container container) {
        leaving.remove(container.id());
    }

    /** Whether somebody answers for what there is of a container: it exists, or is just being created or removed. */
    public boolean answersFor(ContainerId id) {
        return byId.containsKey(id.value()) || leaving.contains(id) || names.containsValue(id);
    }
}
