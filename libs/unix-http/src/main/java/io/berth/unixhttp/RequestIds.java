package io.berth.unixhttp;

import org.slf4j.MDC;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestInitializer;

/** Hands the names by which a call is followed on to the service that is asked on its behalf. */
final class RequestIds implements ClientHttpRequestInitializer {
    static final String REQUEST_ID = "X-Request-Id";
    static final String TRACE_PARENT = "traceparent";
    static final String MDC_REQUEST_ID = "requestId";
    static final String MDC_TRACE_ID = "traceId";
    static final String MDC_TRACE_PARENT = "traceParent";

    @Override
    public void initialize(ClientHttpRequest request) {
        String id = MDC.get(MDC_REQUEST_ID);
        if (id != null) {
            request.getHeaders().set(REQUEST_ID, id);
        }
        String trace = MDC.get(MDC_TRACE_PARENT);
        if (trace != null) {
            request.getHeaders().set(TRACE_PARENT, trace);
        }
    }
}
