package io.berth.gateway.resilience;

import java.time.Duration;

/** The answer of a {@link BackendGuard} to a request that wants to go to its backend. */
public sealed interface Admission {
    /**
     * The request may go. Exactly one of the methods counts; later calls do nothing. Not thread-safe: one request's
     * events all happen on one event loop.
     */
    non-sealed interface Permit extends Admission {
        /** The backend accepted a connection, or has one open. Not a settlement. */
        void connected();

        /**
         * The backend did not accept a connection. Not a settlement.
         *
         * @return whether another try makes sense: the backend has been unreachable for a short time only, as a service is
         *     that is restarted
         */
        boolean refusedConnection();

        /** The request is sent a second time. Not a settlement. */
        void retried();

        /** The backend's response head arrived, whatever its status: an API's 500 says that the backend is alive. */
        void responded();

        /** The backend could not be reached, gave up the connection, sent nonsense or stayed silent too long. */
        void failed(Throwable cause);

        /** The client went before an answer came; this says nothing about the backend. */
        void cancelled();
    }

    /**
     * The request must not go.
     *
     * @param status of the answer
     * @param reason for the client, in Docker's style: lower case, naming the backend
     * @param retryAfter when another try makes sense
     */
    record Refusal(int status, String reason, Duration retryAfter) implements Admission {}
}
