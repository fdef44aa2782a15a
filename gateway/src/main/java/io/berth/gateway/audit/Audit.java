package io.berth.gateway.audit;

/** Where calls that change something are told of. Thread-safe; nothing blocks. */
public interface Audit {
    /**
     * Keeps a place for the entry of a call that is about to begin; {@link #record} follows when it has ended.
     *
     * @return false when there is none, since earlier entries cannot be written: the call must not be made then
     */
    boolean begin();

    /** Adds the entry of a call for which there is a place, soon. */
    void record(AuditEntry entry);
}
