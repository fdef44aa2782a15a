package io.berth.gateway.access.account;

import io.berth.gateway.access.Identity;
import io.berth.gateway.access.Role;
import io.berth.login.Passwords;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The users. Thread-safe; what a method has done is durable and in force when it returns. */
@Component
public class Members {
    private static final int PASSWORDS_AT_ONCE = 2;

    private final MemberRows rows;
    private final CredentialRows credentials;
    private final Directory directory;
    private final Passwords passwords = new Passwords(PASSWORDS_AT_ONCE);
    private final Clock clock = Clock.systemUTC();

    Members(MemberRows rows, CredentialRows credentials, Directory directory) {
        this.rows = rows;
        this.credentials = credentials;
        this.directory = directory;
    }

    /** What a user may be changed to; null leaves it as it is. */
    public record Changes(
            @Nullable String password,
            @Nullable Role role,
            @Nullable List<String> projects,
            @Nullable Boolean disabled) {}

    /**
     * The user of a name and a password; empty for every other pair, after the same work. Blocks for as long as bcrypt
     * takes.
     */
    public Optional<Identity> login(String name, String password) {
        Member member = directory.member(name).orElse(null);
        String hash = member == null || member.passwordHash().isEmpty() ? null : member.passwordHash();
        boolean right = passwords.matches(hash, password);
        return right ? directory.byName(name, Identity.Source.SESSION) : Optional.empty();
    }

    /**
     * Makes a user.
     *
     * @param password null for one who uses tokens only
     * @return whether the name was free
     * @throws IllegalArgumentException for a name or password outside its rules, and an unknown project
     */
    public boolean create(String name, @Nullable String password, Role role, List<String> projects) {
        if (!Tokens.isName(name)) {
            throw new IllegalArgumentException("invalid user name");
        }
        Tokens.requireProjects(directory, role, projects);
        String hash = password == null ? "" : passwords.hash(password);
        return directory.change(() -> {
            boolean taken = rows.findByName(name).isPresent()
                    || directory.tokens().stream()
                            .anyMatch(token ->
                                    token.member().isEmpty() && token.name().equals(name));
            if (taken) {
                return false;
            }
            rows.save(new MemberEntity(name, hash, role, projects, clock.instant()));
            return true;
        });
    }

    /**
     * Changes a user. A new password ends their sessions, and disabling also what their tokens do, for as long as it lasts.
     *
     * @return whether there is one of the name
     */
    public boolean change(String name, Changes changes) {
        String hash = changes.password() == null ? null : passwords.hash(changes.password());
        return directory.change(() -> {
            MemberEntity row = rows.findByName(name).orElse(null);
            if (row == null) {
                return false;
            }
            Role role = changes.role() == null ? row.member().role() : changes.role();
            List<String> projects = changes.projects() == null ? row.member().projects() : changes.projects();
            Tokens.requireProjects(directory, role, projects);
            row.role(role);
            row.projects(projects);
            if (changes.disabled() != null) {
                row.disabled(changes.disabled());
            }
            if (hash != null) {
                row.password(hash);
                int _ = credentials.deleteByMemberNameAndKind(name, Credential.Kind.SESSION.name());
            }
            rows.save(row);
            return true;
        });
    }

    /** Removes a user with tokens and sessions; whether there was one. */
    public boolean delete(String name) {
        return directory.change(() -> {
            MemberEntity row = rows.findByName(name).orElse(null);
            if (row == null) {
                return false;
            }
            int _ = credentials.deleteByMemberName(name);
            rows.delete(row);
            return true;
        });
    }
}
