package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.NetworkFailure;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.linux.Errno;
import io.berth.linux.SyscallException;
import io.berth.linux.nftables.NftBatch;
import io.berth.linux.nftables.NftSocket;
import io.berth.linux.nftables.NftTable;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's rules for containers: published ports, what is kept apart, and whose addresses are whose. In two nftables tables of
 * one name, of the families inet and bridge, in the network namespace where it was opened. Other tables are never touched.
 *
 * <p>Each change is one transaction, so there is no moment with half of the rules, or none. Networks change chains and elements
 * of sets, containers elements only.
 *
 * <p>The tables belong to this object's socket, so that {@code nft flush ruleset} and other tools pass them over; when the engine
 * ends they stay in force, and the next one claims them. Where the kernel has no such tables (before Linux 6.9), a change by
 * somebody else is noticed and everything made anew. Rules of the administrator's own have a table that nobody here changes: see
 * {@link AdminTable}.
 *
 * <p>Thread-safe. Failures are {@link NetworkFailure}s, after which the rules are those from before.
 */
public final class Firewall implements Rules, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Firewall.class);
    private static final Set<NftTable.Flag> OWNED = EnumSet.allOf(NftTable.Flag.class);

    /** Who protects the tables from others. */
    public enum Protection {
        /** The kernel, which lets nobody else change them. */
        OWNER,
        /** A listener, which repairs them when somebody else has changed them. */
        MONITOR
    }

    private final FirewallTables tables;
    private final NftSocket socket;
    private final StaleFlows flows;
    private final @Nullable TableWatch watch;
    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by the lock, as the next one. */
    private FirewallState state = new FirewallState();

    /** Until then the rules are somebody else's, from before. */
    private boolean replaced;

    private Firewall(FirewallTables tables, NftSocket socket, StaleFlows flows) {
        this.tables = tables;
        this.socket = socket;
        this.flows = flows;
        this.watch = tables.flags().isEmpty()
                ? TableWatch.open(Set.of(tables.inet(), tables.bridge(), tables.admin()), socket.port(), this::repair)
                : null;
    }

    /**
     * Opens one in the calling thread's network namespace, protected as well as the kernel can. Changes nothing: rules that
     * there are stay in force until the first {@link #replace}.
     *
     * @param tableName of both tables; the administrator's has {@code -admin} after it
     */
    public static Firewall open(String tableName) {
        try (NftSocket probe = NftSocket.open()) {
            return open(tableName, canOwnTables(probe) ? Protection.OWNER : Protection.MONITOR);
        } catch (SyscallException e) {
            throw new NetworkFailure("cannot open the firewall: " + e.getMessage(), e);
        }
    }

    /** Opens one with a protection of the caller's choice. */
    public static Firewall open(String tableName, Protection protection) {
        FirewallTables tables = FirewallTables.named(tableName, protection == Protection.OWNER ? OWNED : Set.of());
        NftSocket socket = NftSocket.open();
        try {
            StaleFlows flows = StaleFlows.open();
            try {
                return new Firewall(tables, socket, flows);
            } catch (SyscallException e) {
                flows.close();
                throw e;
            }
        } catch (SyscallException e) {
            socket.close();
            throw new NetworkFailure("cannot open the firewall: " + e.getMessage(), e);
        }
    }

    /** Makes a table that is the socket's own, and deletes it in the same transaction. */
    private static boolean canOwnTables(NftSocket socket) {
        NftTable probe =
                FirewallTables.named("berth-probe-" + socket.port(), OWNED).inet();
        try {
            socket.commit(new NftBatch().addTable(probe, OWNED).deleteTable(probe));
            return true;
        } catch (SyscallException e) {
            if (e.errno() == Errno.EOPNOTSUPP || e.errno() == Errno.EINVAL) {
                return false;
            }
            throw e;
        }
    }

    /** Replaces all rules: at start, and to repair. */
    @Override
    public void replace(Collection<NetworkPlan> networks, Collection<Attachment> attachments) {
        FirewallState next = new FirewallState();
        networks.forEach(next::raise);
        next.change(List.of(), attachments);
        commit(_ -> {
            commitAll(next);
            return next;
        });
        flows.end(attachments);
    }

    /** Adds the rules of a network, or changes them. */
    @Override
    public void raise(NetworkPlan network) {
        commit(before -> {
            NetworkPlan known = before.network(network.id());
            if (network.equals(known)) {
                return before;
            }
            FirewallState next = before.copy();
            if (known == null) {
                apply(next, next.raise(network));
            } else {
                next.lower(known);
                next.raise(network);
                commitAll(next);
            }
            return next;
        });
    }

    /** Removes the rules of a network that has no connections any more; nothing happens when there are none. */
    @Override
    public void lower(NetworkPlan network) {
        commit(before -> {
            FirewallState next = before.copy();
            next.lower(network);
            commitAll(next);
            return next;
        });
    }

    /** The new state holds when the kernel has taken it. */
    private void commit(UnaryOperator<FirewallState> change) {
        lock.lock();
        try {
            state = change.apply(state);
        } catch (SyscallException e) {
            throw failure(e);
        } finally {
            lock.unlock();
        }
    }

    /** Adds the rules of connections, and of their networks where those are missing. */
    @Override
    public void add(List<Attachment> attachments) {
        change(List.of(), attachments);
    }

    @Override
    public void remove(List<Attachment> attachments) {
        change(attachments, List.of());
    }

    /**
     * Removes the rules of some connections and adds those of others in one transaction: for a connection that publishes other
     * ports than before.
     */
    @Override
    public void change(List<Attachment> ended, List<Attachment> begun) {
        FirewallState.Change change;
        lock.lock();
        try {
            change = state.change(ended, begun);
            try {
                apply(state, change);
            } catch (SyscallException e) {
                state.undo(change);
                throw failure(e);
            }
        } finally {
            lock.unlock();
        }
        flows.end(change.ended());
        flows.end(change.begun());
    }

    /** Commits a change, or everything where the kernel has not what it should. */
    private void apply(FirewallState next, FirewallState.Change change) {
        if (change.networks().stream().anyMatch(BridgeRules::areSeparated)) {
            commitAll(next); // may be the first such network, which rules come with
            return;
        }
        NftBatch batch = new NftBatch();
        tables.deleteElements(batch, change.gone());
        for (NetworkPlan network : change.networks()) {
            FirewallRules.addSourceChain(batch, tables.inet(), network);
        }
        tables.addElements(batch, change.come());
        try {
            socket.commit(batch);
        } catch (SyscallException e) {
            LOG.atWarn().setCause(e).log("firewall is not as it should be: replacing it");
            commitAll(next);
        }
    }

    private void commitAll(FirewallState next) {
        AdminTable.ensure(socket, tables.admin());
        NftBatch batch = new NftBatch();
        FirewallRules.replace(batch, tables.inet(), tables.flags(), next.networks());
        BridgeRules.replace(batch, tables.bridge(), tables.flags(), next.networks());
        tables.addElements(batch, next.elements());
        socket.commit(batch);
        replaced = true;
    }

    private NetworkFailure failure(SyscallException e) {
        String reason =
                e.errno() == Errno.EPERM ? "another process owns its tables, or CAP_NET_ADMIN is missing: " : "";
        return new NetworkFailure(
                "cannot change the firewall " + tables.inet().name() + ": " + reason + e.getMessage(), e);
    }

    /** On the watch's thread. */
    private void repair() {
        lock.lock();
        try {
            if (replaced) {
                commitAll(state);
                LOG.atWarn()
                        .addKeyValue("table", tables.inet().name())
                        .log("firewall was changed by others: replaced it");
            }
        } catch (SyscallException e) {
            LOG.atError()
                    .addKeyValue("table", tables.inet().name())
                    .setCause(e)
                    .log("firewall was changed by others and cannot be replaced");
        } finally {
            lock.unlock();
        }
    }

    /** The rules stay in force. */
    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
        lock.lock();
        try {
            socket.close();
        } finally {
            lock.unlock();
        }
        flows.close();
    }
}
