package io.berth.registry.gate;

import io.berth.registry.access.Caller;
import io.berth.registry.access.Origin;
import io.berth.registry.access.Permissions;
import io.berth.registry.access.Subject;
import io.berth.registry.token.Claims;
import io.berth.registry.token.Tokens;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes a caller of what a request brings. Thread-safe. */
@Component
public class Identification {
    private final Tokens tokens;
    private final Logins logins;
    private final Rights rights;

    Identification(Tokens tokens, Logins logins, Rights rights) {
        this.tokens = tokens;
        this.logins = logins;
        this.rights = rights;
    }

    /**
     * Somebody who is known.
     *
     * @param byToken whether a token says what for; everybody else may do what they may
     * @param lists whether they may ask for the list of repositories
     */
    public record Known(Caller caller, boolean byToken, boolean lists) {}

    /**
     * Who calls; empty when the credentials are not right.
     *
     * @param member whom the gateway knows the caller to be, or whose credential is behind the token; null for neither
     */
    public Optional<Known> of(Credentials credentials, Source source, @Nullable Member member, Origin origin) {
        return switch (credentials) {
            case Credentials.None() ->
                Optional.of(member == null ? withoutCredentials(source, origin) : member(member, origin));
            case Credentials.Basic(String name, String secret) ->
                logins.byPassword(name, secret, origin)
                        .map(login -> new Known(
                                new Caller(
                                        login.subject(),
                                        origin,
                                        rights.administrator(login.subject()),
                                        rights.of(login.subject(), login.groups())),
                                false,
                                true));
            case Credentials.Bearer(String token) ->
                tokens.verify(token)
                        .filter(claims -> rights.stands(claims.subject(), claims.issuedAt()))
                        .filter(claims -> isBehind(member, claims))
                        .map(claims -> bearer(claims, member, origin));
            case Credentials.Malformed() -> Optional.empty();
        };
    }

    /** Nobody in particular, from the network. */
    public Known anonymous(Origin origin) {
        return withoutCredentials(Source.NETWORK, origin);
    }

    private Known withoutCredentials(Source source, Origin origin) {
        Subject subject =
                switch (source) {
                    case PLATFORM -> Subject.PLATFORM;
                    case SOCKET -> Subject.OPERATOR;
                    case NETWORK -> Subject.ANONYMOUS;
                };
        boolean trusted = source != Source.NETWORK;
        Permissions permissions = trusted ? Permissions.ALL : rights.of(subject, Set.of());
        return new Known(new Caller(subject, origin, trusted, permissions), false, trusted || rights.open());
    }

    private Known member(Member member, Origin origin) {
        Permissions permissions = rights.of(member.subject(), member.groups());
        return new Known(new Caller(member.subject(), origin, member.operator(), permissions), false, true);
    }

    /** A member's token is worth something only while the gateway says that its bearer's credential still stands. */
    private static boolean isBehind(@Nullable Member member, Claims claims) {
        return claims.subject().kind() != Subject.Kind.MEMBER
                || (member != null
                        && member.subject().equals(claims.subject())
                        && member.remembered().equals(claims.groups()));
    }

    private Known bearer(Claims claims, @Nullable Member member, Origin origin) {
        Set<String> groups =
                claims.subject().kind() == Subject.Kind.MEMBER && member != null ? member.groups() : claims.groups();
        Caller caller = new Caller(claims.subject(), origin, false, rights.of(claims, groups));
        return new Known(caller, true, claims.coversCatalog() || rights.open());
    }
}
