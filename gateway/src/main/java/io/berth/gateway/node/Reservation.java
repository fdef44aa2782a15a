package io.berth.gateway.node;

import tools.jackson.databind.JsonNode;

/**
 * What a container takes of its node's capacity.
 *
 * @param memoryBytes 0 for none
 * @param nanoCpus billionths of a processor, 0 for none
 */
public record Reservation(long memoryBytes, long nanoCpus) {
    static final Reservation NONE = new Reservation(0, 0);

    /** What a container's HostConfig asks for: its reservation of memory, or else its limit; its limit of processors. */
    public static Reservation of(JsonNode hostConfig) {
        long reserved = CreateFacts.field(hostConfig, "MemoryReservation").asLong(0);
        return new Reservation(
                reserved > 0
                        ? reserved
                        : CreateFacts.field(hostConfig, "Memory").asLong(0),
                CreateFacts.field(hostConfig, "NanoCpus").asLong(0));
    }
}
