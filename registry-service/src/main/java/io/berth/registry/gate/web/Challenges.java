package io.berth.registry.gate.web;

import io.berth.registry.access.Action;
import io.berth.registry.token.Scope;
import io.berth.registry.token.Tokens;
import jakarta.servlet.http.HttpServletRequest;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Tells clients how to get in, in the {@code WWW-Authenticate} header (token specification, token.md). */
@Component
final class Challenges {
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+(:\\d{1,5})?|\\[[0-9A-Fa-f:.]+](:\\d{1,5})?");

    private final Tokens tokens;
    private final @Nullable String realm;

    Challenges(Tokens tokens, GateProperties properties) {
        this.tokens = tokens;
        this.realm = properties.realm();
    }

    /** For endpoints that take a name and a password only. */
    String basic() {
        return "Basic realm=\"" + tokens.service() + "\"";
    }

    /**
     * For endpoints that take tokens.
     *
     * @param error of RFC 6750; null when the request had no credentials
     */
    String bearer(Requirement requirement, HttpServletRequest request, @Nullable String error) {
        String scope =
                switch (requirement) {
                    case Requirement.OnRepository(String name, Action action) ->
                        Scope.repository(name, wanted(action)).toString();
                    case Requirement.Listing() -> Scope.CATALOG;
                    default -> "";
                };
        return "Bearer realm=\"" + realm(request) + "\",service=\"" + tokens.service() + "\""
                + (scope.isEmpty() ? "" : ",scope=\"" + quoted(scope) + "\"")
                + (error == null ? "" : ",error=\"" + error + "\"");
    }

    /** Whoever pushes looks first what is there already. */
    private static Set<Action> wanted(Action action) {
        return action == Action.PUSH ? EnumSet.of(Action.PULL, Action.PUSH) : EnumSet.of(action);
    }

    /** A name that is none would end the quotes, or the header. */
    private static String quoted(String scope) {
        return scope.replaceAll("[^\\x20-\\x7e]|[\"\\\\]", "_");
    }

    /** By the address that the client used: it is one that it can reach. */
    private String realm(HttpServletRequest request) {
        if (realm != null) {
            return realm;
        }
        String forwarded = request.getHeader("X-Forwarded-Host");
        String host = forwarded == null ? request.getHeader("Host") : forwarded;
        String proto = request.getHeader("X-Forwarded-Proto");
        return ("https".equals(proto) ? "https" : "http") + "://"
                + (host != null && HOST.matcher(host).matches() ? host : "localhost") + Requirement.TOKEN;
    }
}
