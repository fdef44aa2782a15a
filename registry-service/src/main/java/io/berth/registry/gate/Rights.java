package io.berth.registry.gate;

import io.berth.registry.access.Action;
import io.berth.registry.access.Decision;
import io.berth.registry.access.Permissions;
import io.berth.registry.access.Subject;
import io.berth.registry.account.Account;
import io.berth.registry.account.Directory;
import io.berth.registry.account.Robot;
import io.berth.registry.account.Robots;
import io.berth.registry.token.Claims;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** What subjects may do, asked of accounts and policies as they are at that moment. Thread-safe. */
@Component
public class Rights {
    private final Directory directory;
    private final Robots robots;
    private final boolean open;

    Rights(Directory directory, Robots robots, AccessProperties properties) {
        this.directory = directory;
        this.robots = robots;
        this.open = properties.access() == AccessMode.OPEN;
    }

    /** Whether nobody is asked who they are. */
    public boolean open() {
        return open;
    }

    /**
     * What a subject may do.
     *
     * @param groups of a user of the identity provider; those of accounts are looked up
     */
    public Permissions of(Subject subject, Set<String> groups) {
        if (open) {
            return Permissions.ALL;
        }
        return switch (subject.kind()) {
            case PLATFORM, OPERATOR, REGISTRY -> Permissions.ALL;
            case USER ->
                (repository, action) -> {
                    Account account = directory.account(subject.name()).orElse(null);
                    boolean allowed = account != null
                            && !account.disabled()
                            && (account.administrator()
                                    || directory.allows(subject, account.groups(), repository, action));
                    return allowed ? Decision.ALLOWED : Decision.DENIED;
                };
            case MEMBER ->
                (repository, action) ->
                        member(subject, groups, repository, action) ? Decision.ALLOWED : Decision.DENIED;
            case ROBOT, OIDC, ANONYMOUS ->
                (repository, action) ->
                        directory.allows(subject, groups, repository, action) ? Decision.ALLOWED : Decision.DENIED;
        };
    }

    /** What the gateway's roles give, and what policies grant besides: a viewer looks, whatever these say. */
    private boolean member(Subject subject, Set<String> groups, String repository, Action action) {
        if (Member.isOperator(groups)) {
            return true;
        }
        boolean acts = Member.isDeveloper(groups) || action == Action.PULL;
        return acts && (Member.owns(groups, repository) || directory.allows(subject, Set.of(), repository, action));
    }

    /**
     * What the bearer of a token may do: what its subject may now, and the token says.
     *
     * @param groups of the subject
     */
    Permissions of(Claims claims, Set<String> groups) {
        if (open) {
            return Permissions.ALL;
        }
        Permissions subject = of(claims.subject(), groups);
        return (repository, action) -> {
            Decision now = subject.decide(repository, action);
            return now == Decision.ALLOWED && !claims.covers(repository, action) ? Decision.NOT_IN_TOKEN : now;
        };
    }

    /** Whether something that was given to a subject at a time is still good: it exists, is admitted, has the same secret. */
    public boolean stands(Subject subject, Instant since) {
        return switch (subject.kind()) {
            case USER -> {
                Optional<Account> account = directory.account(subject.name()).filter(known -> !known.disabled());
                yield account.isPresent() && !since.isBefore(start(account.get().tokensFrom()));
            }
            case ROBOT -> {
                Optional<Robot> robot = directory.robot(subject.name()).filter(robots::valid);
                yield robot.isPresent() && !since.isBefore(start(robot.get().tokensFrom()));
            }
            // Whether a member's credential still stands is the gateway's to say, with each request.
            case OIDC, ANONYMOUS, OPERATOR, MEMBER -> true;
            case PLATFORM, REGISTRY -> false;
        };
    }

    /** Databases keep microseconds, and round. */
    private static Instant start(Instant tokensFrom) {
        return tokensFrom.minus(1, ChronoUnit.MICROS);
    }

    /** Whether an account is an administrator's now. */
    boolean administrator(Subject subject) {
        return subject.kind() == Subject.Kind.USER
                && directory
                        .account(subject.name())
                        .filter(account -> account.administrator() && !account.disabled())
                        .isPresent();
    }
}
