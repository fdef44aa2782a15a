package io.berth.unixhttp;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Refuses every request that does not carry the platform credential, before anything else looks at it. */
final class PlatformKeyFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    private final transient PlatformKey key;

    PlatformKeyFilter(PlatformKey key) {
        this.key = key;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String offered = request.getHeader(PlatformKey.HEADER);
        if (offered == null || !key.matches(offered)) {
            response.setStatus(HttpServletResponse.SC_FORBIDDEN);
            response.setContentType("application/json");
            response.getOutputStream().print("{\"message\":\"this service is reached through the gateway only\"}");
            return;
        }
        chain.doFilter(request, response);
    }
}
