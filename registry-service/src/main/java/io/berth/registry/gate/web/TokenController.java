package io.berth.registry.gate.web;

import io.berth.registry.access.Action;
import io.berth.registry.access.Decision;
import io.berth.registry.access.Permissions;
import io.berth.registry.access.Subject;
import io.berth.registry.account.TooManyLogins;
import io.berth.registry.body.Bodies;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import io.berth.registry.gate.Credentials;
import io.berth.registry.gate.Logins;
import io.berth.registry.gate.Logins.Login;
import io.berth.registry.gate.Rights;
import io.berth.registry.token.RefreshTokens;
import io.berth.registry.token.Scope;
import io.berth.registry.token.Tokens;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Gives out tokens (token specification: token.md for GET, oauth.md for POST). Asking for more than one may do is no error:
 * the token is for as much of it as one may.
 */
@RestController
final class TokenController {
    private final Logins logins;
    private final Rights rights;
    private final Tokens tokens;
    private final RefreshTokens refreshTokens;
    private final Challenges challenges;

    TokenController(Logins logins, Rights rights, Tokens tokens, RefreshTokens refreshTokens, Challenges challenges) {
        this.logins = logins;
        this.rights = rights;
        this.tokens = tokens;
        this.refreshTokens = refreshTokens;
        this.challenges = challenges;
    }

    @GetMapping(Requirement.TOKEN)
    ResponseEntity<Map<String, Object>> token(
            @RequestParam(defaultValue = "") String service,
            @RequestParam(defaultValue = "") List<String> scope,
            @RequestParam(name = "client_id", defaultValue = "") String clientId,
            @RequestParam(name = "offline_token", defaultValue = "false") String offline,
            HttpServletRequest request,
            HttpServletResponse response) {
        requireThis(service);
        // Not the converted parameter alone: Spring splits a single one at its commas, which stand between actions.
        String[] scopes = request.getParameterValues("scope");
        Credentials credentials = Credentials.parse(request.getHeader(HttpHeaders.AUTHORIZATION));
        Login login =
                switch (credentials) {
                    case Credentials.None() -> unnamed(request);
                    case Credentials.Basic(String name, String secret) ->
                        byPassword(name, secret, request, response).orElseThrow(() -> wrong(response));
                    case Credentials.Bearer _, Credentials.Malformed _ -> throw wrong(response);
                };
        String refresh = offline.equals("true") ? refreshToken(login, clientId) : null;
        return answer(login, scopes == null ? List.of() : List.of(scopes), refresh);
    }

    /** Through Docker's socket or from the platform itself, the person is an operator of this machine. */
    private static Login unnamed(HttpServletRequest request) {
        Subject subject =
                switch (Arrivals.source(request)) {
                    case PLATFORM, SOCKET -> Subject.OPERATOR;
                    case NETWORK -> Subject.ANONYMOUS;
                };
        return Arrivals.member(request)
                .map(member -> new Login(member.subject(), member.groups(), member.remembered()))
                .orElseGet(() -> new Login(subject, Set.of()));
    }

    @PostMapping(Requirement.TOKEN)
    ResponseEntity<Map<String, Object>> exchange(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        Map<String, List<String>> form = Bodies.form(request.getInputStream());
        requireThis(value(form, "service"));
        List<String> scopes = form.getOrDefault("scope", List.of());
        return switch (value(form, "grant_type")) {
            case "password" -> {
                Login login = byPassword(value(form, "username"), value(form, "password"), request, response)
                        .orElseThrow(() -> wrong(response));
                boolean offline = value(form, "access_type").equals("offline");
                yield answer(login, scopes, offline ? refreshToken(login, value(form, "client_id")) : null);
            }
            case "refresh_token" -> {
                String token = value(form, "refresh_token");
                yield answer(logins.byRefreshToken(token).orElseThrow(() -> wrong(response)), scopes, token);
            }
            default ->
                throw RegistryException.of(400, ErrorCode.UNSUPPORTED, "grant_type is password or refresh_token");
        };
    }

    private Optional<Login> byPassword(
            String name, String secret, HttpServletRequest request, HttpServletResponse response) {
        try {
            return logins.byPassword(name, secret, Arrivals.origin(request));
        } catch (TooManyLogins e) {
            response.setHeader(HttpHeaders.RETRY_AFTER, e.retryAfterSeconds());
            throw e;
        }
    }

    private static String value(Map<String, List<String>> form, String name) {
        List<String> values = form.getOrDefault(name, List.of());
        return values.isEmpty() ? "" : values.getFirst();
    }

    /** A token for somebody else would be of no use to the one who asks. */
    private void requireThis(String service) {
        if (!service.isEmpty() && !service.equals(tokens.service())) {
            throw RegistryException.of(400, ErrorCode.DENIED, "this registry gives out tokens for itself only");
        }
    }

    private RegistryException wrong(HttpServletResponse response) {
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, challenges.basic());
        return RegistryException.of(ErrorCode.UNAUTHORIZED, "the user name, the password or the token is not valid");
    }

    /** None for those whose rights end with what they have shown now: the provider's users, and those with no name. */
    private @Nullable String refreshToken(Login login, String clientId) {
        Subject.Kind kind = login.subject().kind();
        boolean lasting = kind == Subject.Kind.USER || kind == Subject.Kind.ROBOT;
        return lasting ? refreshTokens.issue(login.subject(), clientId) : null;
    }

    /**
     * <pre>{"token": "ey…", "access_token": "ey…", "expires_in": 300, "issued_at": "2026-11-27T12:00:00Z",
     *  "scope": "repository:team/app:pull", "refresh_token": "…"}</pre>
     */
    private ResponseEntity<Map<String, Object>> answer(
            Login login, List<String> wanted, @Nullable String refreshToken) {
        Permissions permissions = rights.of(login.subject(), login.groups());
        List<Scope> granted = new ArrayList<>();
        for (Scope scope : Scope.parse(wanted)) {
            granted(scope, permissions).ifPresent(granted::add);
        }
        Tokens.Issued issued = tokens.issue(login.subject(), login.remembered(), granted);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("token", issued.value());
        answer.put("access_token", issued.value());
        answer.put("expires_in", issued.lifetime().toSeconds());
        answer.put(
                "issued_at", issued.issuedAt().truncatedTo(ChronoUnit.SECONDS).toString());
        answer.put("scope", granted.stream().map(Scope::toString).collect(Collectors.joining(" ")));
        if (refreshToken != null) {
            answer.put("refresh_token", refreshToken);
        }
        return ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(answer);
    }

    private static Optional<Scope> granted(Scope wanted, Permissions permissions) {
        if (wanted.toString().equals(Scope.CATALOG)) {
            return Optional.of(wanted); // the list shows what its reader may pull
        }
        if (!wanted.type().equals("repository")) {
            return Optional.empty();
        }
        Set<Action> allowed = EnumSet.noneOf(Action.class);
        for (Action action : Action.parse(String.join(",", wanted.actions()))) {
            if (permissions.decide(wanted.name(), action) == Decision.ALLOWED) {
                allowed.add(action);
            }
        }
        return allowed.isEmpty() ? Optional.empty() : Optional.of(Scope.repository(wanted.name(), allowed));
    }
}
