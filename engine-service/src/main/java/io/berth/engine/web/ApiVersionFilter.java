package io.berth.engine.web;

import io.berth.docker.ApiVersion;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Takes the version off the path ({@code /v1.43/containers/json}), so that routes are written without it, and keeps it for
 * controllers; sets the headers that every answer has.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
final class ApiVersionFilter extends HttpFilter {
    static final String ATTRIBUTE = ApiVersion.class.getName();

    private static final long serialVersionUID = 1L;
    private static final Pattern VERSIONED = Pattern.compile("/v(\\d{1,3}\\.\\d{1,3})(/.*)");

    private final String server;

    ApiVersionFilter(EngineVersion version) {
        this.server = "Berth/" + version.version() + " (linux)";
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        response.setHeader("Api-Version", ApiVersion.MAX.toString());
        response.setHeader("Ostype", "linux");
        response.setHeader("Server", server);
        Matcher matcher = VERSIONED.matcher(request.getRequestURI());
        if (!matcher.matches()) {
            request.setAttribute(ATTRIBUTE, ApiVersion.MAX);
            chain.doFilter(request, response);
            return;
        }
        request.setAttribute(ATTRIBUTE, ApiVersion.parse(matcher.group(1)).served());
        chain.doFilter(new Unversioned(request, matcher.group(2)), response);
    }

    private static final class Unversioned extends HttpServletRequestWrapper {
        private final String path;

        Unversioned(HttpServletRequest request, String path) {
            super(request);
            this.path = path;
        }

        @Override
        public String getRequestURI() {
            return path;
        }

        @Override
        public String getServletPath() {
            return path;
        }

        @Override
        public StringBuffer getRequestURL() {
            return new StringBuffer("http://localhost").append(path);
        }
    }
}
