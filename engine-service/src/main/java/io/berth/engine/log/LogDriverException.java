package io.berth.engine.log;

/** Why a log driver refuses its options, or cannot begin; the message is Docker's. */
public final class LogDriverException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LogDriverException(String message) {
        super(message);
    }

    LogDriverException(String message, Throwable cause) {
        super(message, cause);
    }
}
