package io.berth.engine.container;

import io.berth.docker.container.ContainerConfig;
import io.berth.docker.error.Conflict;
import io.berth.engine.stream.AttachSession;
import io.berth.engine.stream.ClientFeed;
import io.berth.engine.stream.DetachKeys;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Attaches clients to containers' streams, also before they are started. */
@Component
public final class AttachContainer {
    private final ContainerEvents events;

    AttachContainer(ContainerEvents events) {
        this.events = events;
    }

    /** Which streams a client wants. */
    public record Streams(boolean stdin, boolean stdout, boolean stderr) {}

    /**
     * Attaches; the client misses nothing from here on. Whoever gets the session must run it, and then call
     * {@link #detach}.
     *
     * @throws Conflict when the container is being removed
     */
    public Attached attach(Container container, Streams streams, DetachKeys keys) {
        boolean tty = container.snapshot().spec().config().tty();
        return attach(container, streams, keys, !tty);
    }

    /** The same without frames around the output, even when there is no terminal. */
    public Attached attachRaw(Container container, Streams streams, DetachKeys keys) {
        return attach(container, streams, keys, false);
    }

    private Attached attach(Container container, Streams streams, DetachKeys keys, boolean multiplexed) {
        if (container.isRemoved()) {
            throw new Conflict("container " + container.id() + " is marked for removal");
        }
        boolean tty = container.snapshot().spec().config().tty();
        boolean stdin = streams.stdin() && container.snapshot().spec().config().openStdin();
        ClientFeed feed = container.output().attach(streams.stdout(), streams.stderr());
        events.publish(container, "attach");
        AttachSession.@Nullable Input input = stdin ? new ContainerInput(container) : null;
        return new Attached(feed, new AttachSession(feed, multiplexed, input, tty ? keys : null));
    }

    /** Lets a client go whose session is over. */
    public void detach(Container container, Attached attached, boolean byKeys) {
        container.output().detach(attached.feed());
        if (byKeys) {
            events.publish(container, "detach");
        }
    }

    /** An attached client. */
    public record Attached(ClientFeed feed, AttachSession session) {}

    /** Input of the container's present run, or of its next one: clients attach before they start it. */
    private static final class ContainerInput implements AttachSession.Input {
        private final Container container;

        ContainerInput(Container container) {
            this.container = container;
        }

        @Override
        public void write(byte[] content, int length) {
            run().process().write(content, 0, length);
        }

        /** Where the input does not end with this client, the client leaves with it (moby: container/stream/attach.go). */
        @Override
        public boolean end() {
            ContainerConfig config = container.snapshot().spec().config();
            boolean ends = config.stdinOnce() && !config.tty();
            if (ends) {
                run().process().closeInput();
            }
            return ends;
        }

        private Run run() {
            try {
                return container.runOrNext().get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UncheckedIOException(new InterruptedIOException("session ended"));
            } catch (ExecutionException e) {
                throw new UncheckedIOException(new IOException("container removed", e));
            }
        }
    }
}
