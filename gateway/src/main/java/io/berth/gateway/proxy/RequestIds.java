package io.berth.gateway.proxy;

import io.berth.gateway.metrics.CallIds;
import io.berth.unixhttp.Spans;
import io.berth.unixhttp.TraceContext;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names by which a call is followed through all services: {@code X-Request-Id}, and the trace of W3C's Trace Context
 * ({@code traceparent}). A client's own are kept when they are well-formed; otherwise new ones are made. Neither is a secret
 * or proves anything.
 */
final class RequestIds {
    static final String REQUEST_ID = "X-Request-Id";
    static final String TRACE_PARENT = "traceparent";
    static final String TRACE_STATE = "tracestate";

    private static final Pattern WELL_FORMED = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}");

    private RequestIds() {}

    /**
     * Leaves exactly one well-formed request id and trace parent in a request's headers.
     *
     * @return what the request is called from now on
     */
    static CallIds settle(HttpHeaders headers, Spans spans) {
        String id = only(headers, REQUEST_ID);
        if (id == null || !WELL_FORMED.matcher(id).matches()) {
            id = anew();
            headers.set(REQUEST_ID, id);
        }
        TraceContext parent = TraceContext.parse(only(headers, TRACE_PARENT));
        if (parent == null) {
            headers.remove(TRACE_STATE);
        }
        // Where nothing is recorded the gateway is no part of the trace.
        TraceContext own = parent == null || spans.recording() ? spans.begin(parent) : parent;
        headers.set(TRACE_PARENT, own.header());
        return new CallIds(id, own, parent == null ? null : parent.spanId());
    }

    /** An id for a request that has none. */
    static String anew() {
        return TraceContext.anew(false).traceId();
    }

    private static @Nullable String only(HttpHeaders headers, String name) {
        List<String> all = headers.getAll(name);
        return all.size() == 1 ? all.getFirst() : null;
    }
}
