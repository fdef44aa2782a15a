package io.berth.engine.stream;

import io.berth.engine.runtime.ContainerProcess.OutputSink;
import io.berth.engine.runtime.ContainerProcess.Stream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands a process's output to all attached clients.
 *
 * <p>Thread-safe. Clients may attach before the process is started, and then miss nothing.
 */
public final class OutputHub implements OutputSink {
    private static final Logger LOG = LoggerFactory.getLogger(OutputHub.class);

    private final List<ClientFeed> feeds = new CopyOnWriteArrayList<>();
    private final Duration stallLimit;

    public OutputHub() {
        this(ClientFeed.STALL_LIMIT);
    }

    OutputHub(Duration stallLimit) {
        this.stallLimit = stallLimit;
    }

    /** Attaches a client; it sees what comes from now on. */
    public ClientFeed attach(boolean stdout, boolean stderr) {
        ClientFeed feed = new ClientFeed(stdout, stderr, stallLimit);
        feeds.add(feed);
        return feed;
    }

    /** Lets a client go. */
    public void detach(ClientFeed feed) {
        feeds.remove(feed);
        feed.close();
    }

    @Override
    public void output(Stream stream, byte[] content) {
        if (feeds.removeIf(feed -> !feed.offer(stream, content))) {
            LOG.atInfo().log("attached client cut off: it has gone or takes no output");
        }
    }

    /** The process's output is complete: all clients get the rest of it and then the end. */
    public void finish() {
        boolean _ = feeds.removeIf(feed -> {
            feed.finish();
            return true;
        });
    }
}
