package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.NetworkFailure;
import io.berth.engine.network.runtime.NetworkPlan;
import io.berth.linux.SyscallException;
import io.berth.linux.nftables.NftSocket;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A firewall that is opened when there is something to guard: an engine whose containers are on no network touches nothing of its
 * host's, and runs on hosts that have no nftables. Thread-safe.
 */
final class FirewallOnDemand implements Rules, AutoCloseable {
    private final String tableName;
    private @Nullable Firewall firewall;

    FirewallOnDemand(String tableName) {
        this.tableName = tableName;
    }

    private synchronized Firewall open() {
        Firewall known = firewall;
        if (known == null) {
            known = Firewall.open(tableName);
            firewall = known;
        }
        return known;
    }

    private synchronized @Nullable Firewall opened() {
        return firewall;
    }

    @Override
    public void raise(NetworkPlan network) {
        open().raise(network);
    }

    @Override
    public void lower(NetworkPlan network) {
        Firewall known = opened();
        if (known != null) {
            known.lower(network);
        }
    }

    @Override
    public void add(List<Attachment> attachments) {
        open().add(attachments);
    }

    @Override
    public void remove(List<Attachment> attachments) {
        Firewall known = opened();
        if (known != null) {
            known.remove(attachments);
        }
    }

    @Override
    public void change(List<Attachment> ended, List<Attachment> begun) {
        open().change(ended, begun);
    }

    /** Rules of an engine from before are replaced also where there is nothing to guard any more. */
    @Override
    public void replace(Collection<NetworkPlan> networks, Collection<Attachment> attachments) {
        if (!networks.isEmpty() || !attachments.isEmpty() || opened() != null || hasRules()) {
            open().replace(networks, attachments);
        }
    }

    private boolean hasRules() {
        try (NftSocket nftables = NftSocket.open()) {
            return nftables.tables().stream().anyMatch(table -> table.name().equals(tableName));
        } catch (SyscallException e) {
            throw new NetworkFailure("cannot look for the firewall " + tableName + ": " + e.getMessage(), e);
        }
    }

    /** The rules stay in force. */
    @Override
    public synchronized void close() {
        if (firewall != null) {
            firewall.close();
        }
    }
}
