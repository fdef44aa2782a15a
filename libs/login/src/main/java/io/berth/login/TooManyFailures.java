package io.berth.login;

import java.time.Duration;

/** There were too many wrong guesses; even a right one is not looked at for a while, so that it cannot be told from a wrong one. */
public final class TooManyFailures extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    TooManyFailures(Duration retryAfter) {
        super("too many wrong logins");
        this.retryAfter = retryAfter;
    }

    /** How long to wait, as the HTTP header of this name has it: whole seconds, rounded up. */
    public String retryAfterSeconds() {
        return String.valueOf(retryAfter.toSeconds() + 1);
    }
}
