package io.berth.engine.container;

import io.berth.docker.error.InvalidParameter;

/** What a wait request waits for. */
public enum WaitCondition {
    NOT_RUNNING,
    NEXT_EXIT,
    REMOVED;

    /**
     * Reads the query value; empty is {@code not-running}.
     *
     * @throws InvalidParameter for anything else
     */
    public static WaitCondition parse(String text) {
        return switch (text) {
            case "", "not-running" -> NOT_RUNNING;
            case "next-exit" -> NEXT_EXIT;
            case "removed" -> REMOVED;
            default -> throw new InvalidParameter("invalid condition: \"" + text + "\"");
        };
    }
}
