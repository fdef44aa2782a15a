package io.berth.image.build;

import io.berth.image.data.DataDirectory;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.DirectoryEntry;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Removes what builds of a killed process have left, before requests are served. */
@Component
final class UnfinishedBuilds implements SmartLifecycle {
    private final DataDirectory data;
    private volatile boolean running;

    UnfinishedBuilds(DataDirectory data) {
        this.data = data;
    }

    @Override
    public void start() {
        try (Directory uploads = Directory.open(data.uploads());
                Directory caches = Directory.open(data.buildCache())) {
            for (DirectoryEntry left : uploads.list()) {
                uploads.deleteRecursively(left.name());
            }
            for (DirectoryEntry cache : caches.list()) {
                if (cache.name().endsWith(".new")) {
                    caches.deleteRecursively(cache.name());
                }
            }
        }
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

    /** Before the web server, which starts in one of the last phases. */
    @Override
    public int getPhase() {
        return 0;
    }
}
