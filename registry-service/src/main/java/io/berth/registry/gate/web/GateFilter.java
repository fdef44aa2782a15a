package io.berth.registry.gate.web;

import io.berth.registry.access.Action;
import io.berth.registry.access.Callers;
import io.berth.registry.access.Decision;
import io.berth.registry.access.Origin;
import io.berth.registry.access.Subject;
import io.berth.registry.account.TooManyLogins;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.gate.Credentials;
import io.berth.registry.gate.Identification;
import io.berth.registry.gate.Identification.Known;
import io.berth.registry.gate.Rights;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * Lets a request through as its caller's, or refuses it: 401 with a challenge to those who have not shown a right and may get
 * one, 403 to those who have shown who they are. Behind the filter that makes a repository's name one segment of the path.
 *
 * <p>Whether the repository exists makes no difference to the answer.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 110)
final class GateFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    private final transient Identification identification;
    private final transient Challenges challenges;
    private final transient Rights rights;
    private final transient HandlerExceptionResolver errors;

    GateFilter(
            Identification identification,
            Challenges challenges,
            Rights rights,
            @Qualifier("handlerExceptionResolver") HandlerExceptionResolver errors) {
        this.identification = identification;
        this.challenges = challenges;
        this.rights = rights;
        this.errors = errors;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        Requirement requirement = Requirement.of(request.getMethod(), request.getRequestURI());
        if (requirement instanceof Requirement.Nothing) {
            chain.doFilter(request, response);
            return;
        }
        Known known;
        try {
            known = known(requirement, request);
        } catch (TooManyLogins e) {
            response.setHeader(HttpHeaders.RETRY_AFTER, e.retryAfterSeconds());
            send(request, response, e);
            return;
        }
        Refusal refusal = known == null ? Refusal.UNKNOWN : judge(requirement, known);
        if (known == null || refusal != Refusal.NONE) {
            refuse(requirement, refusal, request, response);
            return;
        }
        try {
            Callers.runAs(known.caller(), () -> {
                chain.doFilter(request, response);
                return null;
            });
        } catch (IOException | ServletException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new ServletException(e);
        }
    }

    private enum Refusal {
        NONE,
        /** The credentials are not right. */
        UNKNOWN,
        /** Nobody in particular: credentials may help. */
        ANONYMOUS,
        /** Another token would do. */
        TOKEN,
        DENIED
    }

    private @Nullable Known known(Requirement requirement, HttpServletRequest request) {
        Credentials credentials = Credentials.parse(request.getHeader(HttpHeaders.AUTHORIZATION));
        Origin origin = Arrivals.origin(request);
        Known known = identification
                .of(
                        credentials,
                        Arrivals.source(request),
                        Arrivals.member(request).orElse(null),
                        origin)
                .orElse(null);
        if (known == null && rights.open() && !(requirement instanceof Requirement.Administrator)) {
            return identification.anonymous(origin);
        }
        return known;
    }

    private Refusal judge(Requirement requirement, Known known) {
        boolean anonymous = known.caller().subject().equals(Subject.ANONYMOUS);
        return switch (requirement) {
            case Requirement.Nothing(), Requirement.Anybody() -> Refusal.NONE;
            case Requirement.Somebody() ->
                anonymous && !known.byToken() && !rights.open() ? Refusal.ANONYMOUS : Refusal.NONE;
            case Requirement.Listing() -> {
                if (known.lists()) {
                    yield Refusal.NONE;
                }
                yield anonymous && !known.byToken() ? Refusal.ANONYMOUS : Refusal.TOKEN;
            }
            case Requirement.OnRepository(String name, Action action) ->
                switch (known.caller().permissions().decide(name, action)) {
                    case Decision.ALLOWED -> Refusal.NONE;
                    case Decision.NOT_IN_TOKEN -> Refusal.TOKEN;
                    case Decision.DENIED -> anonymous ? Refusal.ANONYMOUS : Refusal.DENIED;
                };
            case Requirement.Administrator() -> {
                if (known.caller().administrator()) {
                    yield Refusal.NONE;
                }
                yield anonymous || known.byToken() ? Refusal.ANONYMOUS : Refusal.DENIED;
            }
        };
    }

    private void refuse(
            Requirement requirement, Refusal refusal, HttpServletRequest request, HttpServletResponse response) {
        if (refusal == Refusal.DENIED) {
            send(request, response, RegistryException.of(ErrorCode.DENIED, ErrorCode.DENIED.description()));
            return;
        }
        boolean administration = requirement instanceof Requirement.Administrator
                || !request.getRequestURI().startsWith("/v2");
        @Nullable
        String error =
                switch (refusal) {
                    case UNKNOWN -> "invalid_token";
                    case TOKEN -> "insufficient_scope";
                    default -> null;
                };
        response.setHeader(
                HttpHeaders.WWW_AUTHENTICATE,
                administration ? challenges.basic() : challenges.bearer(requirement, request, error));
        response.setHeader("Docker-Distribution-API-Version", "registry/2.0");
        send(
                request,
                response,
                RegistryException.of(
                        ErrorCode.UNAUTHORIZED,
                        refusal == Refusal.UNKNOWN
                                ? "the credentials or the token are not valid"
                                : ErrorCode.UNAUTHORIZED.description()));
    }

    private void send(HttpServletRequest request, HttpServletResponse response, RegistryException refused) {
        if (errors.resolveException(request, response, null, refused) == null) {
            throw refused;
        }
    }
}
