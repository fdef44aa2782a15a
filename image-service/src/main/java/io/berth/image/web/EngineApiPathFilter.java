package io.berth.image.web;

import io.berth.docker.ApiVersion;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Routes every request by its {@link EngineApiPath} and leaves the version in a request attribute. */
final class EngineApiPathFilter extends HttpFilter {
    static final String VERSION_ATTRIBUTE = ApiVersion.class.getName();

    private static final long serialVersionUID = 1L;

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        EngineApiPath path = EngineApiPath.of(request.getMethod(), request.getRequestURI());
        request.setAttribute(VERSION_ATTRIBUTE, path.version());
        response.setHeader("Api-Version", ApiVersion.MAX.toString());
        chain.doFilter(new Rerouted(request, path.path()), response);
    }

    private static final class Rerouted extends HttpServletRequestWrapper {
        private final String path;

        Rerouted(HttpServletRequest request, String path) {
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
