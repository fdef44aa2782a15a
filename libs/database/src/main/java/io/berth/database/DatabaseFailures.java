package io.berth.database;

import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.transaction.TransactionException;

/** What failures of a database mean for whoever has asked. */
public final class DatabaseFailures {
    /** What clients are told; what exactly has happened is in the service's log. */
    public static final String MESSAGE = "the service's database cannot be used at present";

    private DatabaseFailures() {}

    /** Whether a request failed for want of a database, as when its disk is full; the same request may do later (503). */
    public static boolean isUnavailable(Throwable failure) {
        return (failure instanceof DataAccessException && !(failure instanceof DataIntegrityViolationException))
                || failure instanceof TransactionException;
    }
}
