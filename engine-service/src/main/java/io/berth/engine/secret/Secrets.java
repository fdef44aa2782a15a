package io.berth.engine.secret;

import io.berth.docker.LabelBounds;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.dockerserver.filter.Filters;
import io.berth.engine.caller.Callers;
import io.berth.engine.event.EngineEvents;
import io.berth.engine.kept.KeptDefinitions;
import io.berth.engine.kept.Kind;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * All secrets and configs of this node. Values never change once they are kept; they are read when a container starts, and held
 * nowhere in between.
 *
 * <p>Thread-safe. What returns has been written.
 */
@Component
public final class Secrets implements SmartLifecycle {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9]+(?:[a-zA-Z0-9-_.]*[a-zA-Z0-9])?");
    private static final int MAX_NAME_LENGTH = 64;
    private static final String ID_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";
    private static final int ID_LENGTH = 25;
    private static final Set<String> FIELDS = Set.of("id", "label", "name", "names");

    private final SecretStore store;
    private final SecretValues values;
    private final SecretUsers users;
    private final EngineEvents events;
    private final KeptDefinitions kept;
    private final ConcurrentSkipListMap<String, Secret> byId = new ConcurrentSkipListMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final SecureRandom random = new SecureRandom();
    private volatile boolean running;

    Secrets(SecretStore store, SecretValues values, SecretUsers users, EngineEvents events, KeptDefinitions kept) {
        this.store = store;
        this.values = values;
        this.users = users;
        this.events = events;
        this.kept = kept;
    }

    /**
     * Keeps a new one.
     *
     * @throws InvalidParameter when name or size are wrong
     * @throws Conflict when the name is taken, or those that are kept take too much memory
     */
    public Secret create(SecretKind kind, String name, Map<String, String> labels, byte[] value) {
        if (name.length() > MAX_NAME_LENGTH || !NAME.matcher(name).matches()) {
            throw new InvalidParameter("invalid name, only " + MAX_NAME_LENGTH + " [a-zA-Z0-9-_.] characters allowed,"
                    + " and the start and end character must be [a-zA-Z0-9]");
        }
        if (value.length == 0 || value.length >= kind.maxBytes()) {
            throw new InvalidParameter(
                    kind.word() + " data must be larger than 0 and less than " + kind.maxBytes() + " bytes");
        }
        LabelBounds.check(labels, "labels");
        return exclusively(() -> {
            if (byId.values().stream()
                    .anyMatch(other -> other.kind() == kind && other.name().equals(name))) {
                throw new Conflict(kind.word() + " " + name + " already exists");
            }
            Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
            Secret secret = new Secret(randomId(), kind, name, labels, 1, now, now);
            kept.put(Kind.SECRET, secret.id(), labels, secret);
            try {
                values.write(secret.id(), value);
                store.insert(secret);
            } catch (RuntimeException e) {
                kept.remove(Kind.SECRET, secret.id());
                throw e;
            }
            byId.put(secret.id(), secret);
            publish(secret, "create");
            return secret;
        });
    }

    private String randomId() {
        StringBuilder id = new StringBuilder(ID_LENGTH);
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(ID_DIGITS.charAt(random.nextInt(ID_DIGITS.length())));
        }
        return id.toString();
    }

    /**
     * Finds one among those that are there for the present caller: by id, else by name, else by an unambiguous prefix of its id.
     *
     * @throws NotFound when there is none, or several begin so
     */
    public Secret find(SecretKind kind, String reference) {
        List<Secret> all = byId.values().stream()
                .filter(secret -> secret.kind() == kind && Callers.current().sees(secret.labels()))
                .toList();
        for (Secret secret : all) {
            if (secret.id().equals(reference)) {
                return secret;
            }
        }
        for (Secret secret : all) {
            if (secret.name().equals(reference)) {
                return secret;
            }
        }
        List<Secret> prefixed =
                all.stream().filter(secret -> secret.id().startsWith(reference)).toList();
        if (prefixed.size() > 1) {
            throw new NotFound(kind.word() + " " + reference + " is ambiguous (" + prefixed.size() + " matches found)");
        }
        if (prefixed.isEmpty()) {
            throw new NotFound(kind.word() + " " + reference + " not found");
        }
        return prefixed.getFirst();
    }

    /**
     * The one that a container was given when it was made, and not whichever has got its name since.
     *
     * @throws NotFound when it is gone
     */
    Secret given(SecretUse use) {
        return byId.values().stream()
                .filter(secret -> secret.kind() == use.kind())
                .filter(secret -> use.isOf(secret))
                .findFirst()
                .orElseThrow(() -> new NotFound(
                        use.kind().word() + " " + (use.id().isEmpty() ? use.name() : use.id()) + " not found"));
    }

    /**
     * Those that the filters let through, by id.
     *
     * @throws InvalidParameter for a filter that does not exist
     */
    public List<Secret> list(SecretKind kind, Filters filters) {
        filters.acceptOnly(FIELDS);
        return byId.values().stream()
                .filter(secret -> secret.kind() == kind && Callers.current().sees(secret.labels()))
                .filter(secret -> filters.startsWith("id", secret.id()))
                .filter(secret -> filters.startsWith("name", secret.name()))
                .filter(secret -> filters.is("names", secret.name()))
                .filter(secret -> filters.labels("label", secret.labels()))
                .toList();
    }

    /**
     * Replaces the labels.
     *
     * @param version that the caller has seen
     * @throws InvalidParameter when it has been updated since
     */
    public void update(Secret secret, long version, Map<String, String> labels) {
        LabelBounds.check(labels, "labels");
        exclusively(() -> {
            Secret now = byId.get(secret.id());
            if (now == null) {
                throw new NotFound(secret.kind().word() + " " + secret.id() + " not found");
            }
            if (now.version() != version) {
                throw new InvalidParameter("update out of sequence");
            }
            Secret updated = new Secret(
                    now.id(),
                    now.kind(),
                    now.name(),
                    labels,
                    version + 1,
                    now.createdAt(),
                    Instant.now().truncatedTo(ChronoUnit.MICROS));
            kept.put(Kind.SECRET, updated.id(), labels, updated);
            try {
                store.update(updated);
            } catch (RuntimeException e) {
                kept.load(Kind.SECRET, now.id(), now.labels(), now);
                throw e;
            }
            byId.put(updated.id(), updated);
            publish(updated, "update");
            return updated;
        });
    }

    /**
     * Removes one.
     *
     * @throws InvalidParameter when containers use it
     */
    public void remove(Secret secret) {
        exclusively(() -> {
            List<String> using = users.containersUsing(secret);
            if (!using.isEmpty()) {
                throw new InvalidParameter(secret.kind().word() + " '" + secret.name()
                        + "' is in use by the following container" + (using.size() == 1 ? "" : "s") + ": "
                        + String.join(", ", using));
            }
            store.delete(secret.id());
            byId.remove(secret.id());
            kept.remove(Kind.SECRET, secret.id());
            values.delete(secret.id());
            publish(secret, "remove");
            return secret;
        });
    }

    /** The value of one, for the container that is being started, or for a client when it is a config. */
    public byte[] value(Secret secret) {
        return values.read(secret.id());
    }

    private void publish(Secret secret, String action) {
        events.publish(secret.kind().word(), action, secret.id(), Map.of("name", secret.name()));
    }

    private <T> T exclusively(Supplier<T> change) {
        lock.lock();
        try {
            return change.get();
        } finally {
            lock.unlock();
        }
    }

    /** Before containers are recovered, some of which are started then. */
    @Override
    public int getPhase() {
        return -1;
    }

    /** Reads what exists. */
    @Override
    public void start() {
        store.loadAll().forEach(secret -> {
            kept.load(Kind.SECRET, secret.id(), secret.labels(), secret);
            byId.put(secret.id(), secret);
        });
        values.keepOnly(byId.keySet().stream().collect(Collectors.toUnmodifiableSet()));
        running = true;
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
