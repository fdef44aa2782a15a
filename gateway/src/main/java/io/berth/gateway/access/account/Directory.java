package io.berth.gateway.access.account;

import io.berth.gateway.access.Identity;
import io.berth.gateway.access.Role;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * All users, tokens, sessions and projects as they are now, in memory: every request is decided by them without asking the
 * database, and what was taken from somebody is gone with the next one. One process owns the gateway's database.
 *
 * <p>Thread-safe; the questions never block. A change goes through {@link #change}, which returns when it is durable and in
 * force.
 */
@Component
public class Directory implements SmartLifecycle {
    private static final View NOTHING = new View(Map.of(), Map.of(), Map.of(), Map.of());

    private final ProjectRows projects;
    private final MemberRows members;
    private final CredentialRows credentials;
    private final DurableTransactions transactions;
    private final Clock clock = Clock.systemUTC();
    private final Object loading = new Object();
    private volatile View view = NOTHING;
    private volatile boolean running;

    private record View(
            Map<String, Project> projects,
            Map<String, Member> members,
            Map<String, Known> bySecret,
            Map<Long, Known> byId) {}

    /** A credential with whom it makes of a request. */
    private record Known(Credential credential, Identity identity) {}

    Directory(ProjectRows projects, MemberRows members, CredentialRows credentials, DurableTransactions transactions) {
        this.projects = projects;
        this.members = members;
        this.credentials = credentials;
        this.transactions = transactions;
    }

    // --- questions

    /** Who has a token or session; empty when nobody has it, or not any more. */
    public Optional<Identity> bySecret(Credential.Kind kind, String secret) {
        if (!Secret.isOne(kind, secret)) {
            return Optional.empty();
        }
        Known known = view.bySecret().get(Secret.hash(secret));
        return known == null || known.credential().kind() != kind ? Optional.empty() : valid(known);
    }

    /** Who has the token of an id; empty when it is gone. */
    public Optional<Identity> byId(long id) {
        Known known = view.byId().get(id);
        return known == null ? Optional.empty() : valid(known);
    }

    private Optional<Identity> valid(Known known) {
        Instant now = clock.instant();
        Known parent = view.byId().get(known.credential().parent());
        boolean over = known.credential().expired(now)
                || (parent != null && parent.credential().expired(now));
        return over ? Optional.empty() : Optional.of(known.identity());
    }

    /** Who a user is; empty for an unknown or disabled one. */
    public Optional<Identity> byName(String name, Identity.Source source) {
        return member(name)
                .filter(member -> !member.disabled())
                .map(member -> new Identity(member.name(), member.role(), member.projects(), source, 0));
    }

    /** What a change by the dashboard must show, for a session's id; empty when it is gone. */
    public Optional<String> csrf(long sessionId) {
        return credential(sessionId).map(session -> Secret.csrf(session.secretHash()));
    }

    /** A token or session by its id. */
    public Optional<Credential> credential(long id) {
        return Optional.ofNullable(view.byId().get(id)).map(Known::credential);
    }

    /** All tokens, without the sessions. */
    public List<Credential> tokens() {
        return view.byId().values().stream()
                .map(Known::credential)
                .filter(credential -> credential.kind() == Credential.Kind.TOKEN)
                .toList();
    }

    public Optional<Member> member(String name) {
        return Optional.ofNullable(view.members().get(name));
    }

    public List<Member> members() {
        return List.copyOf(view.members().values());
    }

    public Optional<Project> project(String name) {
        return Optional.ofNullable(view.projects().get(name));
    }

    /** Whether there is a project of a name. */
    public boolean isProject(String name) {
        return view.projects().containsKey(name);
    }

    public List<Project> projects() {
        return List.copyOf(view.projects().values());
    }

    // --- changes

    /** Runs a change of the tables; the question methods know it when this returns. */
    <T extends @Nullable Object> T change(Supplier<T> work) {
        synchronized (loading) {
            try {
                return transactions.durable(work);
            } finally {
                // Also after a failure: the commit may have happened and only the sync failed.
                load();
            }
        }
    }

    private void load() {
        Map<String, Member> users = members.findAll().stream()
                .map(MemberEntity::member)
                .collect(Collectors.toUnmodifiableMap(Member::name, Function.identity()));
        Map<String, Project> owners = projects.findAll().stream()
                .map(ProjectEntity::project)
                .collect(Collectors.toUnmodifiableMap(Project::name, Function.identity()));
        Map<String, Known> bySecret = new HashMap<>();
        Map<Long, Known> byId = new HashMap<>();
        List<Credential> all = credentials.findAll().stream()
                .map(CredentialEntity::credential)
                .sorted(Comparator.comparing(Credential::kind).thenComparing(Credential::id))
                .toList();
        // Tokens come before the sessions that were begun with them.
        for (Credential credential : all) {
            if (credential.parent() != 0 && !byId.containsKey(credential.parent())) {
                continue;
            }
            identity(credential, users, owners.keySet()).ifPresent(identity -> {
                Known known = new Known(credential, identity);
                bySecret.put(credential.secretHash(), known);
                byId.put(credential.id(), known);
            });
        }
        view = new View(owners, users, Map.copyOf(bySecret), Map.copyOf(byId));
    }

    /** A user's token can do what both it and the user may, as they are now. */
    private static Optional<Identity> identity(Credential credential, Map<String, Member> users, Set<String> owners) {
        Role role = credential.role();
        List<String> projects =
                credential.projects().stream().filter(owners::contains).toList();
        if (!credential.member().isEmpty()) {
            Member member = users.get(credential.member());
            if (member == null || member.disabled()) {
                return Optional.empty();
            }
            role = role.covers(member.role()) ? member.role() : role;
            if (member.role() != Role.OPERATOR) {
                projects = projects.stream().filter(member.projects()::contains).toList();
            }
        }
        Identity.Source source =
                credential.kind() == Credential.Kind.SESSION ? Identity.Source.SESSION : Identity.Source.TOKEN;
        return Optional.of(new Identity(credential.actor(), role, projects, source, credential.id()));
    }

    // --- lifecycle

    @Override
    public void start() {
        synchronized (loading) {
            Instant now = clock.instant();
            int _ = transactions.durable(() -> credentials.deleteByExpiresAtBefore(now));
            load();
            running = true;
        }
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Before the listeners, so that the first request finds its caller. */
    @Override
    public int getPhase() {
        return -100;
    }
}
