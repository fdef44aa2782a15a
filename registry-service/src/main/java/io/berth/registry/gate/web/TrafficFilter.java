package io.berth.registry.gate.web;

import io.berth.unixhttp.ConnectionValve;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Counts requests and the bytes of their bodies by what they are about: {@code berth.registry.requests} with {@code resource},
 * {@code method} and {@code outcome}, {@code berth.registry.received} and {@code berth.registry.sent} in bytes with
 * {@code resource}. No tag holds anything that a caller has chosen.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 105)
final class TrafficFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    private static final List<String> METHODS = List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");

    private final transient MeterRegistry meters;

    TrafficFilter(MeterRegistry meters) {
        this.meters = meters;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        try {
            chain.doFilter(request, response);
        } finally {
            count(request, response);
        }
    }

    private void count(HttpServletRequest request, HttpServletResponse response) {
        String resource = resource(request.getRequestURI());
        String method = METHODS.contains(request.getMethod()) ? request.getMethod() : "other";
        String outcome = response.getStatus() / 100 + "xx";
        meters.counter("berth.registry.requests", "resource", resource, "method", method, "outcome", outcome)
                .increment();
        if (request.getAttribute(ConnectionValve.REQUEST) instanceof org.apache.coyote.Request received) {
            meters.counter("berth.registry.received", "resource", resource).increment((double) received.getBytesRead());
        }
        if (request.getAttribute(ConnectionValve.RESPONSE) instanceof org.apache.coyote.Response sent) {
            // What the kernel sends from a file is not written through the response; its length is announced.
            long announced = Math.max(0, sent.getContentLengthLong());
            long bytes = method.equals("HEAD") ? 0 : Math.max(announced, sent.getContentWritten());
            meters.counter("berth.registry.sent", "resource", resource).increment((double) bytes);
        }
    }

    private static String resource(String path) {
        if (!path.startsWith("/v2/")) {
            return path.startsWith("/berth/") ? "administration" : "other";
        }
        String[] segments = path.substring("/v2/".length()).split("/", -1);
        if (segments.length == 1) {
            return switch (segments[0]) {
                case "" -> "version";
                case "token" -> "token";
                case "_catalog" -> "catalog";
                default -> "other";
            };
        }
        return switch (segments[1]) {
            case "blobs" -> segments.length > 2 && segments[2].equals("uploads") ? "uploads" : "blobs";
            case "manifests", "tags", "referrers" -> segments[1];
            default -> "other";
        };
    }
}
