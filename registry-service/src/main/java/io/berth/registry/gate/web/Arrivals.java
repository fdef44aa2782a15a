package io.berth.registry.gate.web;

import io.berth.registry.access.Origin;
import io.berth.registry.gate.Member;
import io.berth.registry.gate.Source;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** By which way a request came, and where from. Every request has the platform credential, so these headers are true. */
final class Arrivals {
    /** Set by the gateway; {@code socket} for a client of Docker's Unix socket. Clients cannot send it through. */
    private static final String LISTENER = "Berth-Listener";

    /** Set by the gateway for those whom it knows. */
    private static final String IDENTITY = "Berth-Identity";

    private Arrivals() {}

    /** Whom the gateway knows, or a service of the platform speaks for; empty for others. */
    static Optional<Member> member(HttpServletRequest request) {
        return Member.parse(request.getHeader(IDENTITY));
    }

    static Source source(HttpServletRequest request) {
        if ("socket".equals(request.getHeader(LISTENER))) {
            return Source.SOCKET;
        }
        // The gateway always sets it; a service of the platform has no client to name.
        return request.getHeader("X-Forwarded-For") == null ? Source.PLATFORM : Source.NETWORK;
    }

    static Origin origin(HttpServletRequest request) {
        String address =
                switch (source(request)) {
                    case PLATFORM -> "platform";
                    case SOCKET -> "unix";
                    case NETWORK -> text(request.getHeader("X-Forwarded-For"));
                };
        String forwarded = request.getHeader("X-Forwarded-Host");
        return new Origin(
                address,
                text(forwarded == null ? request.getHeader("Host") : forwarded),
                request.getMethod(),
                text(request.getHeader("User-Agent")));
    }

    private static String text(@Nullable String header) {
        return header == null ? "" : header;
    }
}
