package io.berth.gateway.access.account;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Runs changes of who may do what. Thread-safe. They are few, so each is synced alone: a token that was revoked must not come
 * back after a power failure. H2 never calls fsync by itself; {@code CHECKPOINT SYNC} does. PostgreSQL does at each commit.
 */
@Component
class DurableTransactions {
    private final TransactionTemplate transactions;
    private final DataSource dataSource;

    DurableTransactions(PlatformTransactionManager transactionManager, DataSource dataSource) {
        this.transactions = new TransactionTemplate(transactionManager);
        this.dataSource = dataSource;
    }

    /** Runs a change; when this returns, it survives a power loss. */
    <T extends @Nullable Object> T durable(Supplier<T> work) {
        T result = transactions.execute(status -> work.get());
        try (Connection connection = dataSource.getConnection()) {
            if ("H2".equals(connection.getMetaData().getDatabaseProductName())) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("CHECKPOINT SYNC");
                }
            }
        } catch (SQLException e) {
            throw new DataAccessResourceFailureException("cannot sync the database", e);
        }
        return result;
    }
}
