package io.berth.engine.web;

import io.berth.unixhttp.ConnectionValve;
import jakarta.servlet.http.HttpServletRequest;
import org.apache.coyote.ActionCode;

/** What is left to do when an answer fails after it has begun. */
public final class BrokenAnswer {
    private BrokenAnswer() {}

    /**
     * Closes the connection at once, so that the client does not take what has come for the whole: a regular end would be
     * written otherwise.
     */
    public static void cut(HttpServletRequest request) {
        if (request.getAttribute(ConnectionValve.RESPONSE) instanceof org.apache.coyote.Response coyote) {
            coyote.action(ActionCode.CLOSE_NOW, null);
        }
    }
}
