package io.berth.compat;

import java.util.List;

/**
 * One step of a {@link GoldenCase}. Words may hold {@code $IMAGE} and {@code $DIR}, the image and the directory of the case.
 */
sealed interface GoldenStep {
    /** The step as it was written. */
    String text();

    /** Whether anything of it is recorded. */
    default boolean isKept() {
        return switch (this) {
            case Docker docker -> docker.kept() != Kept.NOTHING;
            case Finish _, Inspect _, InspectAll _, State _, Events _, Api _ -> true;
            case Start _, Await _, AwaitLog _, Write _, Pause _ -> false;
        };
    }

    /** What of a command's output is kept. */
    enum Kept {
        /** Both streams and the exit code. */
        ALL,
        /** As {@link #ALL}, the lines of each stream sorted: the daemon promises no order. */
        SORTED,
        /** The exit code alone: the output tells figures of the moment. */
        EXIT,
        /** Nothing: the step prepares something. */
        NOTHING
    }

    /**
     * A {@code docker} command.
     *
     * @param words its arguments
     * @param input its standard input
     * @param terminal whether it runs on a terminal of its own
     */
    record Docker(String text, List<String> words, Kept kept, String input, boolean terminal) implements GoldenStep {
        public Docker {
            words = List.copyOf(words);
        }
    }

    /** A {@code docker} command that is left running until {@link Finish}. */
    record Start(String text, List<String> words) implements GoldenStep {
        public Start {
            words = List.copyOf(words);
        }
    }

    /** Waits for the command of the latest {@link Start} and keeps its outcome. */
    record Finish(String text) implements GoldenStep {}

    /** Waits until the status, or the health, of a container is this. */
    record Await(String text, String container, String state) implements GoldenStep {}

    /** Waits until the output of a container has this text. */
    record AwaitLog(String text, String container, String output) implements GoldenStep {}

    /** What inspecting a container tells, as what differs from a container made with an image's name alone. */
    record Inspect(String text, String container) implements GoldenStep {}

    /** All of what inspecting a container tells. */
    record InspectAll(String text, String container) implements GoldenStep {}

    /** The {@code State} of a container alone. */
    record State(String text, String container) implements GoldenStep {}

    /**
     * Events since the case began that tell of its containers, execs, volumes and images, in their order.
     *
     * @param actions beginnings of those that are kept; none for all
     */
    record Events(String text, List<String> actions) implements GoldenStep {
        public Events {
            actions = List.copyOf(actions);
        }
    }

    /** A request without a body, for what no command does: status and answer are kept. */
    record Api(String text, String method, String path) implements GoldenStep {}

    /** Writes a file below {@code $DIR}. */
    record Write(String text, String file, String content) implements GoldenStep {}

    /** Lets time pass. */
    record Pause(String text, long millis) implements GoldenStep {}
}
