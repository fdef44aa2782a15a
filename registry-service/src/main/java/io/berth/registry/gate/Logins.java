package io.berth.registry.gate;

import io.berth.registry.access.Origin;
import io.berth.registry.access.Subject;
import io.berth.registry.account.Account;
import io.berth.registry.account.Accounts;
import io.berth.registry.account.Robot;
import io.berth.registry.account.Robots;
import io.berth.registry.oidc.IdentityTokens;
import io.berth.registry.token.RefreshTokens;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Finds out who somebody is by a name and what only they know: an account's password, a robot's secret
 * ({@code robot+<name>}), or a token of the identity provider ({@value #OIDC_LOGIN}). Thread-safe.
 */
@Component
public class Logins {
    /** The user name that goes with a token of the identity provider; no account's name has a plus sign. */
    public static final String OIDC_LOGIN = "oidc+token";

    private final Accounts accounts;
    private final Robots robots;
    private final IdentityTokens identities;
    private final RefreshTokens refreshTokens;
    private final Rights rights;

    Logins(Accounts accounts, Robots robots, IdentityTokens identities, RefreshTokens refreshTokens, Rights rights) {
        this.accounts = accounts;
        this.robots = robots;
        this.identities = identities;
        this.refreshTokens = refreshTokens;
        this.rights = rights;
    }

    /**
     * Who logged in.
     *
     * @param groups of a user of the identity provider or of the gateway; empty for all others
     * @param remembered what a token says of them
     */
    public record Login(Subject subject, Set<String> groups, Set<String> remembered) {
        public Login {
            groups = Set.copyOf(groups);
            remembered = Set.copyOf(remembered);
        }

        public Login(Subject subject, Set<String> groups) {
            this(subject, groups, groups);
        }
    }

    /**
     * Who has a name and a secret; empty for every pair that is not right.
     *
     * @param origin of the request
     * @throws io.berth.registry.account.TooManyLogins when an account's password was wrong too often; robots' secrets and the
     *     provider's tokens cannot be guessed
     */
    public Optional<Login> byPassword(String name, String secret, Origin origin) {
        if (name.equals(OIDC_LOGIN)) {
            return identities
                    .verify(secret)
                    .map(identity -> new Login(Subject.oidc(identity.name()), identity.groups()));
        }
        if (name.startsWith(Robot.LOGIN_PREFIX)) {
            return robots.login(name.substring(Robot.LOGIN_PREFIX.length()), secret)
                    .map(robot -> new Login(robot.subject(), Set.of()));
        }
        return accounts.login(name, secret, origin.address())
                .map(Account::subject)
                .map(subject -> new Login(subject, Set.of()));
    }

    /** Whose a refresh token is; empty for a wrong or expired one, and when its owner's secret was changed since. */
    public Optional<Login> byRefreshToken(String token) {
        return refreshTokens
                .owner(token)
                .filter(owner -> rights.stands(owner.subject(), owner.createdAt()))
                .map(owner -> new Login(owner.subject(), Set.of()));
    }
}
