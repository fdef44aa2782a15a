package io.berth.registry.durability;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** Runs a work from time to time while the service runs; of several processes one does. */
public abstract class LeasedSchedule implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(LeasedSchedule.class);

    private static final Duration LEASE_TIME = Duration.ofMinutes(10);

    private final String name;
    private final WorkLeases leases;
    private final Duration interval;
    private final BackgroundThreads threads = new BackgroundThreads();

    /** @param name of the lease */
    protected LeasedSchedule(String name, WorkLeases leases, Duration interval) {
        this.name = name;
        this.leases = leases;
        this.interval = interval;
    }

    /** Whether there is anything to do at all, which does not change while the service runs. */
    protected abstract boolean isWanted();

    /** @param keeps extends the lease, for a work that takes long; false when another process has it by now */
    protected abstract void run(BooleanSupplier keeps);

    private void runForever(StopSignal ended) {
        while (ended.pause(interval)) {
            runLogged();
        }
    }

    private void runLogged() {
        try {
            BooleanSupplier keeps = () -> leases.take(name, LEASE_TIME.plus(interval));
            if (keeps.getAsBoolean()) {
                run(keeps);
                leases.take(name, interval); // other processes have their turn if this one ends
            }
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).addKeyValue("work", name).log("periodic work failed");
        }
    }

    @Override
    public void start() {
        if (isWanted()) {
            threads.start(name, this::runForever);
        }
    }

    @Override
    public void stop() {
        threads.stop();
    }

    @Override
    public boolean isRunning() {
        return threads.isRunning();
    }
}
