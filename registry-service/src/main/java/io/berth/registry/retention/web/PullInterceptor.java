package io.berth.registry.retention.web;

import io.berth.oci.Digest;
import io.berth.registry.repository.RepositoryName;
import io.berth.registry.retention.Pulls;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/** Notes each manifest that was handed out, or whose digest was. */
@Component
final class PullInterceptor implements HandlerInterceptor {
    private static final int NOT_MODIFIED = 304;

    private final Pulls pulls;

    PullInterceptor(Pulls pulls) {
        this.pulls = pulls;
    }

    @Override
    public void afterCompletion(
            HttpServletRequest request, HttpServletResponse response, Object handler, @Nullable Exception failure) {
        boolean read = request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
        String digest = response.getHeader("Docker-Content-Digest");
        if (read
                && digest != null
                && (response.getStatus() / 100 == 2 || response.getStatus() == NOT_MODIFIED)
                && request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE) instanceof Map<?, ?> variables
                && variables.get("name") instanceof String name
                && variables.containsKey("reference")) {
            pulls.note(new RepositoryName(name), Digest.parse(digest));
        }
    }
}
