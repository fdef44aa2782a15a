package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.NetworkFailure;
import io.berth.engine.network.runtime.NetworkPlan;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Keeps in mind which rules are in force, and refuses more on request. */
final class RecordedRules implements Rules {
    private final List<Attachment> inForce = new ArrayList<>();
    private final Set<NetworkPlan> networks = new HashSet<>();
    private boolean refusing;

    synchronized void refuse(boolean on) {
        refusing = on;
    }

    synchronized Set<NetworkPlan> networks() {
        return Set.copyOf(networks);
    }

    synchronized List<Attachment> inForce() {
        return List.copyOf(inForce);
    }

    @Override
    public synchronized void raise(NetworkPlan network) {
        require();
        networks.add(network);
    }

    @Override
    public synchronized void lower(NetworkPlan network) {
        networks.remove(network);
    }

    @Override
    public synchronized void change(List<Attachment> ended, List<Attachment> begun) {
        require();
        remove(ended);
        inForce.addAll(begun);
    }

    private void require() {
        if (refusing) {
            throw new NetworkFailure("no more rules", null);
        }
    }

    @Override
    public synchronized void add(List<Attachment> attachments) {
        require();
        inForce.addAll(attachments);
    }

    @Override
    public synchronized void remove(List<Attachment> attachments) {
        inForce.removeAll(attachments);
    }

    @Override
    public synchronized void replace(Collection<NetworkPlan> all, Collection<Attachment> attachments) {
        networks.clear();
        networks.addAll(all);
        inForce.clear();
        inForce.addAll(attachments);
    }
}
