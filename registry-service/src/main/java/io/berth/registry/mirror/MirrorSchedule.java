package io.berth.registry.mirror;

import io.berth.registry.durability.LeasedSchedule;
import io.berth.registry.durability.WorkLeases;
import java.util.function.BooleanSupplier;
import org.springframework.stereotype.Component;

/** Copies from time to time, if there are rules. */
@Component
final class MirrorSchedule extends LeasedSchedule {
    private final Mirroring mirroring;

    MirrorSchedule(Mirroring mirroring, WorkLeases leases, MirrorProperties properties) {
        super(WorkLeases.MIRRORING, leases, properties.interval());
        this.mirroring = mirroring;
    }

    @Override
    protected boolean isWanted() {
        return mirroring.hasRules();
    }

    @Override
    protected void run(BooleanSupplier keeps) {
        mirroring.run(keeps);
    }
}
