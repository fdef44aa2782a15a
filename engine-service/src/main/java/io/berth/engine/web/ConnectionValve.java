package io.berth.engine.web;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/** Gives controllers what the servlet API hides of the connection: see {@link Hijack} and {@link ClientPresence}. */
final class ConnectionValve extends ValveBase {
    static final String REQUEST = "io.berth.coyote.request";
    static final String RESPONSE = "io.berth.coyote.response";

    ConnectionValve() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        request.setAttribute(REQUEST, request.getCoyoteRequest());
        request.setAttribute(RESPONSE, response.getCoyoteResponse());
        getNext().invoke(request, response);
    }
}
