package io.berth.gateway.access.web;

import io.berth.docker.error.Forbidden;
import io.berth.docker.error.Unauthorized;
import io.berth.gateway.access.Identity;
import io.berth.gateway.access.IdentityHeader;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/** Who a request on the internal listener comes from, as the data plane says. */
final class RequestIdentity {
    private RequestIdentity() {}

    /** Empty for nobody in particular. */
    static Optional<Identity> of(HttpServletRequest request) {
        return IdentityHeader.parse(request.getHeader(IdentityHeader.NAME));
    }

    /** @throws Unauthorized for nobody in particular */
    static Identity somebody(HttpServletRequest request) {
        return of(request).orElseThrow(() -> new Unauthorized("nobody is logged in"));
    }

    /** @throws Forbidden for everybody else */
    static Identity operator(HttpServletRequest request) {
        Identity identity = somebody(request);
        if (!identity.operator()) {
            throw new Forbidden("only an operator may do this");
        }
        return identity;
    }

    /** Whether the client's connection is encrypted. */
    static boolean encrypted(HttpServletRequest request) {
        return "https".equals(request.getHeader("X-Forwarded-Proto"));
    }

    /** The client's address. */
    static String address(HttpServletRequest request) {
        String address = request.getHeader("X-Forwarded-For");
        return address == null ? "" : address;
    }
}
