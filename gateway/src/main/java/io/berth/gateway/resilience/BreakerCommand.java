package io.berth.gateway.resilience;

import io.berth.docker.error.InvalidParameter;

/** What an operator may ask of a circuit breaker. */
public enum BreakerCommand {
    /** Watch again from the beginning, as after the start of the gateway. */
    CLOSED("closed"),
    /** Let nothing pass until told otherwise. */
    OPEN("open"),
    /** Let some requests try whether the backend has recovered. */
    HALF_OPEN("half-open"),
    /** Let everything pass until told otherwise. */
    DISABLED("disabled");

    private final String word;

    BreakerCommand(String word) {
        this.word = word;
    }

    /**
     * The command of a word.
     *
     * @throws InvalidParameter when there is none
     */
    public static BreakerCommand of(String word) {
        for (BreakerCommand command : values()) {
            if (command.word.equals(word)) {
                return command;
            }
        }
        throw new InvalidParameter("invalid state: must be closed, open, half-open or disabled");
    }
}
