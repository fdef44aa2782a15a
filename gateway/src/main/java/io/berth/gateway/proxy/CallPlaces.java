package io.berth.gateway.proxy;

import io.berth.gateway.resilience.Caller;
import io.berth.gateway.resilience.Places;
import io.berth.gateway.resilience.Shares;
import io.berth.gateway.resilience.Shortage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The places that one client's connection and its current request take of their caller's shares. Each place is given back once, however
 * the request ends. Confined to the connection's event loop.
 */
final class CallPlaces {
    private final Shares shares;
    private final boolean tcp;
    private @Nullable Caller connection;
    private @Nullable Caller upload;
    private @Nullable Caller stream;

    CallPlaces(Shares shares, boolean tcp) {
        this.shares = shares;
        this.tcp = tcp;
    }

    /**
     * Why a request cannot go on.
     *
     * @param message for the client
     */
    record Refusal(int status, String message) {}

    /** The connection is this caller's from now on: who uses it last has it. */
    Optional<Refusal> connection(Caller caller) {
        if (!tcp || caller.equals(connection)) {
            return Optional.empty();
        }
        Optional<Refusal> refusal = take(shares.connections(), caller);
        if (refusal.isEmpty()) {
            disconnected();
            connection = caller;
        }
        return refusal;
    }

    /** A body is being received. */
    Optional<Refusal> upload(Caller caller) {
        if (upload != null) {
            return Optional.empty();
        }
        Optional<Refusal> refusal = take(shares.uploads(), caller);
        if (refusal.isEmpty()) {
            upload = caller;
        }
        return refusal;
    }

    /** A call that may take any time begins. */
    Optional<Refusal> stream(Caller caller) {
        Optional<Refusal> refusal = take(shares.streams(), caller);
        if (refusal.isEmpty()) {
            stream = caller;
        }
        return refusal;
    }

    private static Optional<Refusal> take(Places places, Caller caller) {
        return places.take(caller).map(shortage -> refusal(places, shortage));
    }

    private static Refusal refusal(Places places, Shortage shortage) {
        return new Refusal(shortage.status(), shortage.message(places.kind()));
    }

    /** The body is complete. */
    void received() {
        Caller caller = upload;
        if (caller != null) {
            upload = null;
            shares.uploads().release(caller);
        }
    }

    /** The request is over. */
    void ended() {
        received();
        Caller caller = stream;
        if (caller != null) {
            stream = null;
            shares.streams().release(caller);
        }
    }

    /** The connection is over. */
    void disconnected() {
        Caller caller = connection;
        if (caller != null) {
            connection = null;
            shares.connections().release(caller);
        }
    }
}
