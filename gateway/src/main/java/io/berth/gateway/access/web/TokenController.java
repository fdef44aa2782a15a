package io.berth.gateway.access.web;

import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.gateway.access.Identity;
import io.berth.gateway.access.Role;
import io.berth.gateway.access.account.Credential;
import io.berth.gateway.access.account.Directory;
import io.berth.gateway.access.account.Tokens;
import io.berth.gateway.access.body.Bodies;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Tokens: an operator's to hand out, and everybody's own. A secret is in one answer and nowhere else. */
@RestController
@RequestMapping("/api/tokens")
final class TokenController {
    private static final Pattern LIFE = Pattern.compile("([1-9][0-9]{0,5})([mhd])");

    private final Tokens tokens;
    private final Directory directory;

    TokenController(Tokens tokens, Directory directory) {
        this.tokens = tokens;
        this.directory = directory;
    }

    /**
     * <pre>{"name": "ci", "role": "developer", "projects": ["shop"], "expires": "30d"}</pre>
     *
     * @param user whose it is; nobody's when it is absent and an operator asks, who asks otherwise
     * @param role the asking user's own when absent
     * @param expires minutes, hours or days: {@code 30d}; absent for never
     */
    record NewToken(
            @Nullable String name,
            @Nullable String user,
            @Nullable String role,
            @Nullable List<String> projects,
            @Nullable String expires) {}

    /** @param token the secret, in the answer to its making only */
    record TokenView(
            long id,
            String name,
            @Nullable String user,
            String role,
            List<String> projects,
            Instant created,
            @Nullable Instant expires,
            @Nullable String token) {
        static TokenView of(Credential token, @Nullable String secret) {
            return new TokenView(
                    token.id(),
                    token.name(),
                    token.member().isEmpty() ? null : token.member(),
                    token.role().id(),
                    token.projects(),
                    token.createdAt(),
                    token.expiresAt(),
                    secret);
        }

        @Override
        public String toString() {
            return "TokenView[" + id + "]";
        }
    }

    record TokenList(List<TokenView> tokens) {}

    @GetMapping
    TokenList list(HttpServletRequest request) {
        Identity identity = RequestIdentity.somebody(request);
        return new TokenList(directory.tokens().stream()
                .filter(token -> isTheirs(token, identity))
                .sorted(Comparator.comparing(Credential::id))
                .map(token -> TokenView.of(token, null))
                .toList());
    }

    @PostMapping
    ResponseEntity<TokenView> create(HttpServletRequest request) throws IOException {
        Identity identity = RequestIdentity.somebody(request);
        NewToken asked = Bodies.json(request.getInputStream(), NewToken.class);
        if (asked.name() == null) {
            throw new InvalidParameter("a token needs a name");
        }
        Role role = asked.role() == null ? identity.role() : Role.of(asked.role());
        String user = asked.user();
        if (user == null) {
            user = identity.operator() ? "" : identity.name();
        }
        List<String> projects = asked.projects() == null ? identity.projects() : asked.projects();
        requireAllowed(identity, user, role, projects);
        Tokens.Made made = tokens.create(asked.name(), user, role, projects, life(asked.expires()));
        return ResponseEntity.status(HttpStatus.CREATED)
                .cacheControl(CacheControl.noStore())
                .body(TokenView.of(made.credential(), made.secret()));
    }

    /** Nobody hands out more than they have. */
    private void requireAllowed(Identity identity, String user, Role role, List<String> projects) {
        if (identity.operator()) {
            return;
        }
        boolean own = user.equals(identity.name()) && directory.member(user).isPresent();
        if (!own || !identity.role().covers(role) || !identity.projects().containsAll(projects)) {
            throw new Forbidden("only an operator may make this token");
        }
    }

    private static @Nullable Duration life(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        Matcher matcher = LIFE.matcher(text);
        if (!matcher.matches()) {
            throw new InvalidParameter("invalid expires: a number of minutes, hours or days, such as 30d");
        }
        long number = Long.parseLong(Objects.requireNonNull(matcher.group(1)));
        return switch (Objects.requireNonNull(matcher.group(2))) {
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    /** Takes a token back, by its id or its name; it is void at once. */
    @DeleteMapping("/{idOrName}")
    ResponseEntity<Void> revoke(@PathVariable String idOrName, HttpServletRequest request) {
        Identity identity = RequestIdentity.somebody(request);
        Credential token = directory.tokens().stream()
                .filter(known -> String.valueOf(known.id()).equals(idOrName)
                        || known.name().equals(idOrName))
                .filter(known -> isTheirs(known, identity))
                .min(Comparator.comparing(known -> String.valueOf(known.id()).equals(idOrName) ? 0 : 1))
                .orElseThrow(() -> new NotFound("no such token: " + idOrName));
        if (!tokens.revoke(token.id())) {
            throw new NotFound("no such token: " + idOrName);
        }
        return ResponseEntity.noContent().build();
    }

    private static boolean isTheirs(Credential token, Identity identity) {
        return identity.operator() || token.member().equals(identity.name()) || token.id() == identity.credential();
    }
}
