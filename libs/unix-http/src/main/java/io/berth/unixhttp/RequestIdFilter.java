package io.berth.unixhttp;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Puts the names by which a call is followed through all services into the logs of its thread: {@code requestId}, and
 * {@code traceId} of W3C's Trace Context. The gateway has seen to it that they are well-formed, or another service has taken them
 * from the gateway; what is not is left out.
 */
final class RequestIdFilter extends HttpFilter {
    private static final Logger LOG = LoggerFactory.getLogger(RequestIdFilter.class);
    private static final long serialVersionUID = 1L;

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}");

    private final transient Spans spans;

    RequestIdFilter(Spans spans) {
        this.spans = spans;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        @Nullable String id = request.getHeader(RequestIds.REQUEST_ID);
        @Nullable TraceContext parent = TraceContext.parse(request.getHeader(RequestIds.TRACE_PARENT));
        // Where nothing is recorded this service is no part of the trace.
        @Nullable TraceContext own = spans.recording() ? spans.begin(parent) : parent;
        @Nullable Instant began = spans.recording() ? Instant.now() : null;
        long start = System.nanoTime();
        try {
            if (id != null && ID.matcher(id).matches()) {
                MDC.put(RequestIds.MDC_REQUEST_ID, id);
            }
            if (own != null) {
                MDC.put(RequestIds.MDC_TRACE_ID, own.traceId());
                MDC.put(RequestIds.MDC_TRACE_PARENT, own.header());
            }
            chain.doFilter(request, response);
            LOG.atDebug()
                    .addKeyValue("method", request.getMethod())
                    .addKeyValue("path", request.getRequestURI())
                    .addKeyValue("status", response.getStatus())
                    .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start))
                    .log("request served");
        } finally {
            if (own != null && began != null) {
                spans.ended(new Spans.Span(
                        own,
                        parent == null ? null : parent.spanId(),
                        request.getMethod(),
                        request.getMethod(),
                        request.getRequestURI(),
                        id == null ? "" : id,
                        response.getStatus(),
                        began,
                        System.nanoTime() - start));
            }
            MDC.remove(RequestIds.MDC_REQUEST_ID);
            MDC.remove(RequestIds.MDC_TRACE_ID);
            MDC.remove(RequestIds.MDC_TRACE_PARENT);
        }
    }
}
