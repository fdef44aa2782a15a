package io.berth.database;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says in one line why a service does not start, in place of where that was noticed. */
final class DamagedDatabaseAnalyzer extends AbstractFailureAnalyzer<DamagedDatabase> {
    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, DamagedDatabase cause) {
        return new FailureAnalysis(cause.getMessage(), null, cause);
    }
}
