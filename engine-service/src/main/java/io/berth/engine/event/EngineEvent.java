package io.berth.engine.event;

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
    public EngineEvent {
        attributes = Map.copyOf(attributes);
    }
}
