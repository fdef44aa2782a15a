package io.berth.gateway.access.account;

import io.berth.gateway.access.AccessProperties;
import io.berth.gateway.access.Identity;
import io.berth.gateway.access.Role;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Hands out tokens and sessions, and takes them back. Thread-safe; what a method has done is durable and in force. */
@Component
public class Tokens {
    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?");
    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final int MAX_SESSIONS = 10_000;

    private final CredentialRows rows;
    private final Directory directory;
    private final Duration sessionLife;
    private final Clock clock = Clock.systemUTC();

    Tokens(CredentialRows rows, Directory directory, AccessProperties properties) {
        this.rows = rows;
        this.directory = directory;
        this.sessionLife = properties.sessionLife();
    }

    /**
     * What was made: the secret is told here and nowhere else.
     *
     * @param credential as it is kept
     */
    public record Made(Credential credential, String secret) {
        @Override
        public String toString() {
            return "Made[" + credential + "]";
        }
    }

    /** Whether a text can name a user or a token. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /**
     * Makes a token.
     *
     * @param member whose it is; empty for nobody's
     * @param life null for one that does not expire
     * @throws IllegalArgumentException for a name that is none or taken, an unknown user or project, a role that needs a project
     *     and has none
     */
    public Made create(String name, String member, Role role, List<String> projects, @Nullable Duration life) {
        if (!isName(name)) {
            throw new IllegalArgumentException("invalid token name");
        }
        if (life != null && (life.isNegative() || life.isZero() || life.compareTo(LONGEST) > 0)) {
            throw new IllegalArgumentException("invalid life of a token");
        }
        requireProjects(directory, role, projects);
        Instant now = clock.instant();
        String secret = Secret.make(Credential.Kind.TOKEN);
        return directory.change(() -> {
            if (!member.isEmpty() && directory.member(member).isEmpty()) {
                throw new IllegalArgumentException("no such user: " + member);
            }
            requireFree(name, member);
            CredentialEntity row = rows.save(new CredentialEntity(
                    Credential.Kind.TOKEN,
                    name,
                    Secret.hash(secret),
                    member,
                    role,
                    projects,
                    now,
                    life == null ? null : now.plus(life),
                    0));
            return new Made(row.credential(), secret);
        });
    }

    /** Nobody's token acts under its own name, which must not be a user's or another one's. */
    private void requireFree(String name, String member) {
        boolean taken = directory.tokens().stream()
                .anyMatch(token -> token.name().equals(name) && token.member().equals(member));
        if (taken || (member.isEmpty() && directory.member(name).isPresent())) {
            throw new IllegalArgumentException("the name is taken: " + name);
        }
    }

    /** Who is no operator acts in projects that there are. */
    static void requireProjects(Directory directory, Role role, List<String> projects) {
        if (role != Role.OPERATOR && projects.isEmpty()) {
            throw new IllegalArgumentException("a " + role.id() + " needs a project");
        }
        for (String project : projects) {
            if (!directory.isProject(project)) {
                throw new IllegalArgumentException("no such project: " + project);
            }
        }
    }

    /**
     * Begins a session of the dashboard. The oldest ones end when there are very many.
     *
     * @param identity whose
     * @param member the user, or empty for nobody's token
     */
    public Made begin(Identity identity, String member) {
        Instant now = clock.instant();
        String secret = Secret.make(Credential.Kind.SESSION);
        return directory.change(() -> {
            List<CredentialEntity> all = rows.findAll();
            all.stream()
                    .map(CredentialEntity::credential)
                    .filter(known -> known.kind() == Credential.Kind.SESSION)
                    .sorted((a, b) -> Long.compare(b.id(), a.id()))
                    .skip(MAX_SESSIONS - 1)
                    .forEach(known -> rows.removeById(known.id()));
            CredentialEntity row = rows.save(new CredentialEntity(
                    Credential.Kind.SESSION,
                    identity.name(),
                    Secret.hash(secret),
                    member,
                    identity.role(),
                    identity.projects(),
                    now,
                    now.plus(sessionLife),
                    identity.credential()));
            return new Made(row.credential(), secret);
        });
    }

    /** How long a session lasts. */
    public Duration sessionLife() {
        return sessionLife;
    }

    /** Takes a token or session back, with the sessions that were begun with it; whether there was one. */
    public boolean revoke(long id) {
        return directory.change(() -> rows.removeById(id) > 0);
    }

    /** The token that a user or nobody has under a name. */
    public Optional<Credential> named(String name, String member) {
        return directory.tokens().stream()
                .filter(token -> token.name().equals(name) && token.member().equals(member))
                .findFirst();
    }
}
