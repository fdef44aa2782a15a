package io.berth.buildkit.session;

import io.berth.buildkit.Client;
import io.berth.buildkit.ClientSession;
import io.berth.buildkit.transfer.ReceivedTrees;
import io.berth.buildkit.transport.Connection;
import io.berth.buildkit.transport.StreamTransport;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.Unavailable;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The clients that can be called now. Safe for several threads. */
public final class Sessions {
    private static final int MAX_SESSIONS = 1000;
    private static final int MAX_RESTRICTED = 100;

    private final StreamTransport transport;
    private final ReceivedTrees trees;

    /** Empty for a session that is about to be connected. */
    private final Map<Key, Optional<ClientSession>> sessions = new HashMap<>();

    /** Who knows another's id has nothing of it: it names a session of one's own alone. */
    private record Key(String owner, String id) {}

    public Sessions(StreamTransport transport, ReceivedTrees trees) {
        this.transport = transport;
        this.trees = trees;
    }

    /**
     * Takes an offer; {@link Accepted#run} or {@link Accepted#close} must follow.
     *
     * @throws Conflict when there is a session of the same id
     */
    public synchronized Accepted accept(Client client, SessionOffer offer) {
        if (sessions.size() >= MAX_SESSIONS || (client.restricted() && count(client) >= MAX_RESTRICTED)) {
            throw new Unavailable("too many sessions");
        }
        Key key = new Key(client.owner(), offer.id());
        if (sessions.putIfAbsent(key, Optional.empty()) != null) {
            throw new Conflict("session " + offer.id() + " already exists");
        }
        return new Accepted(key, offer);
    }

    private long count(Client client) {
        return sessions.keySet().stream()
                .filter(key -> key.owner().equals(client.owner()))
                .count();
    }

    /** A session that is not connected yet. */
    public final class Accepted implements AutoCloseable {
        private final Key key;
        private final SessionOffer offer;

        private Accepted(Key key, SessionOffer offer) {
            this.key = key;
            this.offer = offer;
        }

        /** Uses a connection for the session; returns when it is over, and the session with it. */
        public void run(Connection connection) throws IOException, InterruptedException {
            try (this) {
                transport.call(
                        connection, channel -> connected(key, new GrpcSession(key.owner(), offer, channel, trees)));
            }
        }

        @Override
        public void close() {
            removed(key);
        }
    }

    private synchronized void connected(Key key, ClientSession session) {
        sessions.put(key, Optional.of(session));
        notifyAll();
    }

    private synchronized void removed(Key key) {
        sessions.remove(key);
    }

    /**
     * The client's own session of an id. Clients open it beside the build, so it may come a little later.
     *
     * @throws NotFound when it has not come in time
     */
    public synchronized ClientSession await(Client client, String id, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Optional<ClientSession> session =
                    Objects.requireNonNullElse(sessions.get(new Key(client.owner(), id)), Optional.empty());
            if (session.isPresent()) {
                return session.get();
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new NotFound("no active session for " + id + ": context deadline exceeded");
            }
            wait(Math.max(1, left / 1_000_000));
        }
    }

    /** How many there are. */
    public synchronized int count() {
        return sessions.size();
    }
}
