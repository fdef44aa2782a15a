package io.berth.engine.event;

import io.berth.json.Frozen;
import java.time.Instant;
import java.util.Map;

/**
 * Something that happened.
 *
 * @param type of the subject, such as {@code container}
 * @param action Docker's word, such as {@code start} or {@code exec_create: sh}
 * @param subject id of what it happened to
 * @param attributes its labels and further facts
 */
public record EngineEvent(String type, String action, String subject, Map<String, String> attributes, Instant at) {
    private static final int PER_EVENT = 200;
    private static final int PER_ATTRIBUTE = 120;

    public EngineEvent {
        attributes = Frozen.map(attributes);
    }

    /** What it takes of the heap, about. */
    long bytes() {
        return PER_EVENT
                + Character.BYTES * (long) action.length()
                + attributes.entrySet().stream()
                        .mapToLong(entry -> PER_ATTRIBUTE
                                + Character.BYTES
                                        * (long) (entry.getKey().length()
                                                + entry.getValue().length()))
                        .sum();
    }
}
