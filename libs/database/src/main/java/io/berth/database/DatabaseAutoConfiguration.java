package io.berth.database;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import org.flywaydb.core.api.FlywayException;
import org.h2.api.ErrorCode;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.core.NestedExceptionUtils;

/**
 * Looks at a service's database before it is opened, and has it opened again after H2 has closed it. Other databases than H2's in files are
 * left alone.
 */
@AutoConfiguration(after = DataSourceAutoConfiguration.class, before = FlywayAutoConfiguration.class)
public class DatabaseAutoConfiguration {
    /** What a migration meets where a part of what earlier ones have made is missing. */
    private static final Set<Integer> INCONSISTENT = Set.of(
            ErrorCode.TABLE_OR_VIEW_ALREADY_EXISTS_1,
            ErrorCode.TABLE_OR_VIEW_NOT_FOUND_1,
            ErrorCode.COLUMN_NOT_FOUND_1,
            ErrorCode.SCHEMA_NOT_FOUND_1,
            ErrorCode.IO_EXCEPTION_1,
            ErrorCode.IO_EXCEPTION_2,
            ErrorCode.FILE_CORRUPTED_1,
            ErrorCode.GENERAL_ERROR_1,
            ErrorCode.DATABASE_IS_CLOSED);

    /** Sets the pool up, and looks at the file before the pool opens it. */
    @Bean
    static BeanPostProcessor wholeDatabases() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessBeforeInitialization(Object bean, String name) {
                if (bean instanceof HikariDataSource pool && url(pool).startsWith("jdbc:h2:")) {
                    DatabaseFile.of(url(pool)).ifPresent(DatabaseFile::check);
                    pool.setExceptionOverrideClassName(ClosedDatabase.class.getName());
                    // The driver's own check does not see that the database was closed.
                    pool.setConnectionTestQuery("select 1");
                }
                return bean;
            }
        };
    }

    private static String url(HikariDataSource pool) {
        String url = pool.getJdbcUrl();
        return url == null ? "" : url;
    }

    /** A file that H2 takes for whole, and that misses what migrations have made, is damaged as well. */
    @Bean
    FlywayMigrationStrategy migrationOfWholeDatabases(HikariDataSource pool) {
        Optional<DatabaseFile> known = DatabaseFile.of(url(pool)).filter(DatabaseFile::isThere);
        return flyway -> {
            try {
                flyway.migrate();
            } catch (FlywayException e) {
                if (known.isPresent()
                        && NestedExceptionUtils.getMostSpecificCause(e) instanceof SQLException cause
                        && INCONSISTENT.contains(cause.getErrorCode())) {
                    throw new DamagedDatabase(known.get().path(), "its tables are not those that were made", e);
                }
                throw e;
            }
        };
    }

    @Bean
    SmartLifecycle databaseVersionNotes(HikariDataSource pool) {
        return new VersionNotes(pool, DatabaseFile.of(url(pool)));
    }
}
