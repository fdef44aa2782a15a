package io.berth.engine.volume;

import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Finds all volumes again when the engine starts, before containers are looked at. */
@Component
final class RecoverVolumes implements SmartLifecycle {
    private final Volumes volumes;
    private volatile boolean running;

    RecoverVolumes(Volumes volumes) {
        this.volumes = volumes;
    }

    /** Before containers are recovered, some of which are started then. */
    @Override
    public int getPhase() {
        return -1;
    }

    @Override
    public void start() {
        volumes.recover();
        running = true;
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
