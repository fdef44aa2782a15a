package io.berth.unixhttp;

import jakarta.servlet.http.HttpServletRequest;
import org.apache.coyote.ActionCode;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether the client of a long request (wait, logs, events) is still connected, without which each client that goes
 * away would leave a waiting request behind until the container ends.
 */
public final class ClientPresence {
    private final org.apache.coyote.@Nullable Request request;

    private ClientPresence(org.apache.coyote.@Nullable Request request) {
        this.request = request;
    }

    /** Of a request whose body has been read. */
    public static ClientPresence of(HttpServletRequest request) {
        return new ClientPresence(
                request.getAttribute(ConnectionValve.REQUEST) instanceof org.apache.coyote.Request coyote
                        ? coyote
                        : null);
    }

    /**
     * Looks at the socket without blocking. Tomcat reports the end of the stream as something to read; a client that
     * pipelines a further request looks the same, but none of Docker's does.
     */
    public boolean gone() {
        if (request == null) {
            return false;
        }
        request.action(ActionCode.AVAILABLE, true);
        return request.getAvailable() > 0;
    }
}
