package io.berth.registry.repository.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Makes a repository's name one segment of the path, so that routes can name it: {@code /v2/library/busybox/tags/list} is
 * routed as {@code /v2/library%2Fbusybox/tags/list}.
 *
 * <p>Names may contain every word the routes use ({@code /v2/a/blobs/uploads/tags/list} lists the tags of
 * {@code a/blobs/uploads}), so a path is read from its end. What was encoded in the name already stays encoded and
 * fails the name's grammar later.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 100)
final class RepositoryPathFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    private static final String PREFIX = "/v2/";

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String path = request.getRequestURI();
        String routed = route(path);
        chain.doFilter(routed.equals(path) ? request : new RoutedRequest(request, routed), response);
    }

    /** The path with the name as one segment; unchanged when it belongs to no repository. */
    static String route(String path) {
        if (!path.startsWith(PREFIX)) {
            return path;
        }
        List<String> segments = List.of(path.substring(PREFIX.length()).split("/", -1));
        int nameLength = segments.size() - tailLength(segments);
        if (nameLength < 1 || nameLength == segments.size()) {
            return path;
        }
        String name = String.join("/", segments.subList(0, nameLength));
        String tail = String.join("/", segments.subList(nameLength, segments.size()));
        return PREFIX + URLEncoder.encode(name, StandardCharsets.UTF_8) + "/" + tail;
    }

    /** How many segments at the end name the resource within the repository; 0 when nothing is recognised. */
    private static int tailLength(List<String> segments) {
        int size = segments.size();
        String last = segments.getLast();
        String second = size > 1 ? segments.get(size - 2) : "";
        String third = size > 2 ? segments.get(size - 3) : "";
        if (second.equals("tags") && last.equals("list")) {
            return 2;
        }
        if (second.equals("uploads") && third.equals("blobs")) {
            return 3;
        }
        return switch (second) {
            case "manifests", "blobs", "referrers" -> 2;
            default -> 0;
        };
    }

    private static final class RoutedRequest extends HttpServletRequestWrapper {
        private final String path;

        RoutedRequest(HttpServletRequest request, String path) {
            super(request);
            this.path = path;
        }

        @Override
        public String getRequestURI() {
            return path;
        }
    }
}
