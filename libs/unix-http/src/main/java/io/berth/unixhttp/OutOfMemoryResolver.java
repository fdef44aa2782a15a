package io.berth.unixhttp;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/** Answers a request for which there was no memory, before the services' own advice takes it for a defect. Thread-safe. */
final class OutOfMemoryResolver implements HandlerExceptionResolver, Ordered {
    private final HeapWatch watch;

    OutOfMemoryResolver(HeapWatch watch) {
        this.watch = watch;
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @Override
    public @Nullable ModelAndView resolveException(
            HttpServletRequest request, HttpServletResponse response, @Nullable Object handler, Exception failure) {
        if (!watch.isOutOfMemory(failure) || response.isCommitted()) {
            return null;
        }
        try {
            // Each service's own error page says it in its protocol's shape.
            response.reset();
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        } catch (IOException e) {
            throw new UncheckedIOException("the connection broke", e);
        }
        return new ModelAndView();
    }
}
