package io.berth.gateway.node;

import io.berth.docker.error.Conflict;
import io.berth.docker.error.Unavailable;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Chooses the node of a new container. Pure functions. */
public final class Placement {
    private Placement() {}

    /**
     * A node that may get the container.
     *
     * @param name for messages and for order among equals
     * @param labels with {@code node} for the name
     * @param containers on it, also stopped ones
     * @param freeMemoryBytes not reserved, {@link Long#MAX_VALUE} when its capacity is not known
     * @param freeNanoCpus likewise
     * @param hasImage whether the container's image is there
     */
    public record Candidate(
            String name,
            Map<String, String> labels,
            int containers,
            long freeMemoryBytes,
            long freeNanoCpus,
            boolean hasImage) {
        public Candidate {
            labels = Map.copyOf(labels);
        }

        private boolean fits(Reservation wanted) {
            return wanted.memoryBytes() <= freeMemoryBytes && wanted.nanoCpus() <= freeNanoCpus;
        }
    }

    /**
     * Chooses: what constraints and ties allow, of that what has room, of that what has the image if any has, of that by the
     * strategy.
     *
     * @param candidates active nodes that answer
     * @param ties names of nodes that the container must be on, each with what ties it there
     * @throws Conflict when ties and constraints leave none
     * @throws Unavailable when none of those has room
     */
    public static Candidate choose(
            List<Candidate> candidates,
            List<Constraint> constraints,
            List<Tie> ties,
            Reservation wanted,
            Strategy strategy) {
        if (candidates.isEmpty()) {
            throw new Unavailable("no node is active");
        }
        List<Candidate> allowed = candidates;
        for (Constraint constraint : constraints) {
            allowed = allowed.stream()
                    .filter(one -> constraint.allows(one.labels()))
                    .toList();
            if (allowed.isEmpty()) {
                throw new Conflict("no active node satisfies the constraint " + constraint);
            }
        }
        for (Tie tie : ties) {
            allowed = allowed.stream()
                    .filter(one -> tie.nodes().contains(one.name()))
                    .toList();
            if (allowed.isEmpty()) {
                throw new Conflict(tie.reason() + " is on " + String.join(", ", tie.nodes())
                        + ", which the container cannot be placed on");
            }
        }
        List<Candidate> roomy = allowed.stream().filter(one -> one.fits(wanted)).toList();
        if (roomy.isEmpty()) {
            throw new Unavailable("no node has room for the container: " + wanted.memoryBytes() + " bytes, "
                    + wanted.nanoCpus() / 1e9 + " processors");
        }
        List<Candidate> withImage = roomy.stream().filter(Candidate::hasImage).toList();
        Comparator<Candidate> byCount = Comparator.comparingInt(Candidate::containers);
        Comparator<Candidate> byRoom = Comparator.comparingLong(Candidate::freeMemoryBytes);
        Comparator<Candidate> order =
                switch (strategy) {
                    case SPREAD -> byCount.thenComparing(byRoom.reversed());
                    case PACK -> byCount.reversed().thenComparing(byRoom);
                };
        // Equal ones keep the order in which nodes were added.
        return (withImage.isEmpty() ? roomy : withImage).stream().min(order).orElseThrow();
    }

    /**
     * What ties a container to nodes.
     *
     * @param reason for the message, such as {@code volume data}
     * @param nodes where that is; never empty
     */
    public record Tie(String reason, List<String> nodes) {
        public Tie {
            nodes = List.copyOf(nodes);
        }
    }
}
