package io.berth.gateway.access.web;

import io.berth.docker.error.ErrorBody;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.Unauthorized;
import io.berth.gateway.access.Identity;
import io.berth.gateway.access.SessionCookie;
import io.berth.gateway.access.account.Credential;
import io.berth.gateway.access.account.Directory;
import io.berth.gateway.access.account.Members;
import io.berth.gateway.access.account.Tokens;
import io.berth.gateway.access.body.Bodies;
import io.berth.login.LoginThrottle;
import io.berth.login.LoginThrottle.Subject;
import io.berth.login.TooManyFailures;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The dashboard's sessions. They are in the database, so that they outlive a restart, and end at once when they are ended. */
@RestController
@RequestMapping("/api/session")
final class SessionController {
    /** Wrong guesses of a user, and likewise from an address, before there is a wait. */
    private static final int MOST_WRONG = 10;

    private final Members members;
    private final Tokens tokens;
    private final Directory directory;
    private final LoginThrottle throttle;

    SessionController(Members members, Tokens tokens, Directory directory, LoginThrottle throttle) {
        this.members = members;
        this.tokens = tokens;
        this.directory = directory;
        this.throttle = throttle;
    }

    /** {@code {"user": "alice", "password": "…"}} or {@code {"token": "berth_…"}}. */
    record Login(
            @Nullable String user,
            @Nullable String password,
            @Nullable String token) {
        @Override
        public String toString() {
            return "Login[" + user + "]";
        }
    }

    /**
     * <pre>{"name": "alice", "role": "developer", "projects": ["shop"], "source": "session", "csrf": "…", "expires": "2026-…Z"}</pre>
     *
     * @param source {@code socket}, {@code open}, {@code token}, {@code session} or {@code certificate}
     * @param csrf what every change must carry in {@code X-CSRF-Token}; empty when there is no session, which needs none
     * @param expires of the session or token; absent for never
     */
    record SessionView(
            String name,
            String role,
            List<String> projects,
            String source,
            String csrf,
            @Nullable Instant expires) {}

    /** Who is logged in; 401 for nobody. */
    @GetMapping
    ResponseEntity<SessionView> session(HttpServletRequest request) {
        Identity identity = RequestIdentity.somebody(request);
        return ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(view(identity));
    }

    private SessionView view(Identity identity) {
        Optional<Credential> credential = directory.credential(identity.credential());
        String csrf = identity.source() == Identity.Source.SESSION
                ? directory.csrf(identity.credential()).orElse("")
                : "";
        return new SessionView(
                identity.name(),
                identity.role().id(),
                identity.projects(),
                identity.source().id(),
                csrf,
                credential.map(Credential::expiresAt).orElse(null));
    }

    /** Logs in; 401 for a wrong password or token, 429 after many of them. */
    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<?> login(HttpServletRequest request) throws IOException {
        Login login = Bodies.json(request.getInputStream(), Login.class);
        Identity identity = throttle.attempt(guessed(login, RequestIdentity.address(request)), () -> identity(login))
                .orElseThrow(() -> new Unauthorized("the user and the password, or the token, do not match"));
        String member = login.token() == null
                ? identity.name()
                : directory
                        .credential(identity.credential())
                        .map(Credential::member)
                        .orElse("");
        Tokens.Made made = tokens.begin(identity, member);
        Identity session = directory
                .byId(made.credential().id())
                .orElseThrow(() -> new Unauthorized("the user or token is not valid any more"));
        boolean encrypted = RequestIdentity.encrypted(request);
        return ResponseEntity.ok()
                .cacheControl(CacheControl.noStore())
                .header(HttpHeaders.SET_COOKIE, SessionCookie.set(made.secret(), encrypted, tokens.sessionLife()))
                .body(view(session));
    }

    /** A token is nobody's until it is right, so that wrong ones keep out nobody but their address. */
    private static List<Subject> guessed(Login login, String address) {
        Subject ofAddress = new Subject("address " + address, MOST_WRONG, false);
        return login.token() == null
                ? List.of(new Subject("user " + login.user(), MOST_WRONG, true), ofAddress)
                : List.of(ofAddress);
    }

    @ExceptionHandler
    ResponseEntity<ErrorBody> refuse(TooManyFailures error) {
        return ResponseEntity.status(HttpStatus.TOO_MANY_REQUESTS)
                .header(HttpHeaders.RETRY_AFTER, error.retryAfterSeconds())
                .body(new ErrorBody("too many wrong logins: wait"));
    }

    private Optional<Identity> identity(Login login) {
        if (login.token() != null) {
            return directory.bySecret(Credential.Kind.TOKEN, login.token().strip());
        }
        if (login.user() == null || login.password() == null) {
            throw new InvalidParameter("a user and a password, or a token, are needed");
        }
        return members.login(login.user(), login.password());
    }

    /** Logs out; 204 also for who was not logged in. */
    @DeleteMapping
    ResponseEntity<Void> logout(HttpServletRequest request) {
        RequestIdentity.of(request)
                .filter(identity -> identity.source() == Identity.Source.SESSION)
                .ifPresent(identity -> tokens.revoke(identity.credential()));
        return ResponseEntity.noContent()
                .header(HttpHeaders.SET_COOKIE, SessionCookie.clear(RequestIdentity.encrypted(request)))
                .build();
    }
}
