package io.berth.registry.durability;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Runs changes of the registry's metadata. Thread-safe.
 *
 * <p>Work may run several times: two pushes that insert the same row race, and the loser starts again and finds the row. Work
 * that is called within other work is a part of it.
 */
@Component
public final class DurableTransactions {
    private static final int ATTEMPTS = 8;

    private final TransactionTemplate transactions;
    private final MetadataSync sync;

    DurableTransactions(PlatformTransactionManager transactionManager, MetadataSync sync) {
        this.transactions = new TransactionTemplate(transactionManager);
        this.sync = sync;
    }

    /** Runs a change; when this returns, its outcome survives a power loss. */
    public <T extends @Nullable Object> T durable(Supplier<T> work) {
        if (TransactionSynchronizationManager.isActualTransactionActive()) {
            return work.get();
        }
        T result = retried(work);
        sync.sync();
        return result;
    }

    /** Runs a change whose outcome survives a kill of this process but may be lost with the power. */
    public <T extends @Nullable Object> T committed(Supplier<T> work) {
        return TransactionSynchronizationManager.isActualTransactionActive() ? work.get() : retried(work);
    }

    private <T extends @Nullable Object> T retried(Supplier<T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return transactions.execute(status -> work.get());
            } catch (DataIntegrityViolationException | ConcurrencyFailureException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }
}
