package io.berth.registry.retention;

import io.berth.registry.durability.LeasedSchedule;
import io.berth.registry.durability.WorkLeases;
import java.util.function.BooleanSupplier;
import org.springframework.stereotype.Component;

/** Looks at all repositories from time to time, if there are rules. */
@Component
final class RetentionSchedule extends LeasedSchedule {
    private final Retention retention;

    RetentionSchedule(Retention retention, WorkLeases leases, RetentionProperties properties) {
        super(WorkLeases.RETENTION, leases, properties.interval());
        this.retention = retention;
    }

    @Override
    protected boolean isWanted() {
        return retention.hasRules();
    }

    @Override
    protected void run(BooleanSupplier keeps) {
        retention.run();
    }
}
