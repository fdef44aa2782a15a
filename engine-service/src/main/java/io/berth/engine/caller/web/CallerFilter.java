package io.berth.engine.caller.web;

import io.berth.engine.caller.Caller;
import io.berth.engine.caller.Callers;
import io.berth.unixhttp.CallerIdentity;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** Has each request served as its caller's. Behind the filter that has made sure that the platform asks. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 110)
final class CallerFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        @Nullable String identity = request.getHeader(CallerIdentity.HEADER);
        if (identity == null) {
            chain.doFilter(request, response);
            return;
        }
        Caller caller;
        try {
            caller = Caller.of(identity);
        } catch (IllegalArgumentException e) {
            response.setStatus(HttpServletResponse.SC_FORBIDDEN);
            response.setContentType("application/json");
            response.getOutputStream().print("{\"message\":\"" + e.getMessage() + "\"}");
            return;
        }
        try {
            Callers.runAs(caller, () -> {
                chain.doFilter(request, response);
                return null;
            });
        } catch (IOException | ServletException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new ServletException(e);
        }
    }
}
