package io.berth.unixhttp;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/** Gives controllers what the servlet API hides of the connection, as attributes of the request. See {@link ClientPresence}. */
public final class ConnectionValve extends ValveBase {
    /** The attribute that has Tomcat's own request. */
    public static final String REQUEST = "io.berth.coyote.request";
    /** The attribute that has Tomcat's own response. */
    public static final String RESPONSE = "io.berth.coyote.response";

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
