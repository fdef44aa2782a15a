package io.berth.registry.limit.web;

import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.limit.Deletion;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Refuses to delete where deletion is off, for every form of it and whether or not there is something (distribution
 * specification, "Content Management": 405). Ending an upload deletes nothing.
 */
@Component
final class DeletionInterceptor implements HandlerInterceptor {
    static final String[] PATHS = {"/v2/{name}/manifests/{reference}", "/v2/{name}/blobs/{digest}"};

    private final Deletion deletion;

    DeletionInterceptor(Deletion deletion) {
        this.deletion = deletion;
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (request.getMethod().equals("DELETE") && !deletion.allowed()) {
            response.setHeader(
                    HttpHeaders.ALLOW,
                    request.getRequestURI().contains("/manifests/") ? "GET, HEAD, PUT" : "GET, HEAD");
            throw RegistryException.of(ErrorCode.UNSUPPORTED, "this registry deletes nothing on request");
        }
        return true;
    }
}
