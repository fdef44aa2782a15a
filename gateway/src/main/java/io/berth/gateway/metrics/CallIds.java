package io.berth.gateway.metrics;

import io.berth.unixhttp.TraceContext;
import org.jspecify.annotations.Nullable;

/**
 * What one call is called in logs and traces.
 *
 * @param requestId the client's own, or a new one
 * @param place its place in a trace
 * @param parentId the client's span, or null
 */
public record CallIds(
        String requestId, TraceContext place, @Nullable String parentId) {}
