package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.Attachment;
import io.berth.engine.network.runtime.NetworkPlan;
import java.util.Collection;
import java.util.List;

/** The firewall, as far as links need it. Thread-safe; each call is one transaction, which is in force when it returns. */
public interface Rules {
    /** Adds the rules of a network, or changes them. */
    void raise(NetworkPlan network);

    /** Removes the rules of a network that has no connections any more; nothing happens when there are none. */
    void lower(NetworkPlan network);

    /** Adds the rules of connections. Nothing is added when it fails. */
    void add(List<Attachment> attachments);

    /** Removes the rules of connections; those that are not there are passed over. */
    void remove(List<Attachment> attachments);

    /** Removes the rules of some connections and adds those of others. Nothing changes when it fails. */
    void change(List<Attachment> ended, List<Attachment> begun);

    /** Replaces all rules. */
    void replace(Collection<NetworkPlan> networks, Collection<Attachment> attachments);
}
