package io.berth.registry.upstream.web;

import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.upstream.Upstream;
import io.berth.registry.upstream.Upstreams;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Understands clients for which this registry is a mirror of several others and which say by {@code ns} whose repository they
 * mean (distribution specification, "Registry Proxying"): {@code /v2/library/busybox/tags/list?ns=docker.io} is
 * {@code /v2/<prefix>/library/busybox/tags/list}.
 *
 * <p>Comes before everything that looks at a repository's name, such as what decides who may read it. A namespace that is not
 * cached has no repositories here, whatever this registry's own are called: else whoever may push here could answer for another
 * registry.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 90)
final class NamespaceFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    private static final String PREFIX = "/v2/";
    private static final String UNKNOWN = NamespaceFilter.class.getName() + ".unknown";

    private final transient Upstreams upstreams;

    NamespaceFilter(Upstreams upstreams) {
        this.upstreams = upstreams;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String path = request.getRequestURI();
        Optional<String> namespace =
                path.startsWith(PREFIX) && path.length() > PREFIX.length() ? namespace(request) : Optional.empty();
        if (namespace.isEmpty()) {
            chain.doFilter(request, response);
            return;
        }
        Optional<Upstream> upstream = upstreams.named(namespace.get());
        if (upstream.isEmpty()) {
            request.setAttribute(UNKNOWN, namespace.get());
            chain.doFilter(request, response);
            return;
        }
        response.setHeader("OCI-Namespace", upstream.get().registry());
        String mapped = PREFIX + upstream.get().prefix() + "/" + path.substring(PREFIX.length());
        chain.doFilter(new MappedRequest(request, mapped), response);
    }

    /** From the query only: a body must not be read for it. */
    private static Optional<String> namespace(HttpServletRequest request) {
        String query = request.getQueryString();
        if (query == null) {
            return Optional.empty();
        }
        for (String parameter : query.split("&")) {
            if (parameter.startsWith("ns=") && parameter.length() > "ns=".length()) {
                return Optional.of(decoded(parameter.substring("ns=".length())));
            }
        }
        return Optional.empty();
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text; // which no registry is called
        }
    }

    /** @throws RegistryException NAME_UNKNOWN when the request is for another registry's repository that is not cached here */
    static void requireKnown(HttpServletRequest request) {
        Object unknown = request.getAttribute(UNKNOWN);
        if (unknown != null) {
            throw RegistryException.about(ErrorCode.NAME_UNKNOWN, "ns", unknown);
        }
    }

    private static final class MappedRequest extends HttpServletRequestWrapper {
        private final String path;

        MappedRequest(HttpServletRequest request, String path) {
            super(request);
            this.path = path;
        }

        @Override
        public String getRequestURI() {
            return path;
        }
    }
}
