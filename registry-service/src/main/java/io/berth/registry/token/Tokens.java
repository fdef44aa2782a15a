package io.berth.registry.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.berth.registry.access.Subject;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Makes and verifies access tokens (token specification, jwt.md): ES256, by the id of a key that this registry has made. What
 * a token says about keys itself is not looked at but refused (CVE-2025-24976). Thread-safe.
 */
@Component
public class Tokens {
    private static final int MAX_LENGTH = 32 * 1024;
    private static final Duration SKEW = Duration.ofSeconds(30);
    private static final String ACCESS = "access";
    private static final String GROUPS = "groups";
    /** {@code iat} to the microsecond: a password that was changed voids the tokens of the same second, too. */
    private static final String ISSUED = "issued";
    /** Verified tokens, so that the hundreds of requests of one push cost one verification. */
    private static final int REMEMBERED = 1024;

    private final SigningKeys keys;
    private final TokenProperties properties;
    private final Clock clock = Clock.systemUTC();
    private final ConcurrentMap<String, Verified> verified = new ConcurrentHashMap<>();

    private record Verified(String kid, Claims claims) {}

    Tokens(SigningKeys keys, TokenProperties properties) {
        this.keys = keys;
        this.properties = properties;
    }

    /** A token that was made. Never logged. */
    public record Issued(String value, Instant issuedAt, Duration lifetime, List<Scope> scopes) {
        @Override
        public String toString() {
            return "Issued[redacted]";
        }
    }

    /** The name by which clients ask for tokens of this registry. */
    public String service() {
        return properties.service();
    }

    /**
     * Makes a token.
     *
     * @param groups to remember in it, for users of the identity provider
     * @param granted what it is for
     */
    public Issued issue(Subject subject, Set<String> groups, List<Scope> granted) {
        Instant precise = clock.instant().truncatedTo(ChronoUnit.MICROS);
        Instant now = precise.truncatedTo(ChronoUnit.SECONDS);
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder()
                .issuer(properties.issuer())
                // The specification's form of «nobody in particular».
                .subject(subject.equals(Subject.ANONYMOUS) ? "" : subject.toString())
                .audience(properties.service())
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now))
                .expirationTime(Date.from(now.plus(properties.lifetime())))
                .jwtID(UUID.randomUUID().toString())
                .claim(ISSUED, precise.toString())
                .claim(
                        ACCESS,
                        granted.stream()
                                .map(scope -> Map.<String, Object>of(
                                        "type", scope.type(),
                                        "name", scope.name(),
                                        "actions", List.copyOf(new TreeSet<>(scope.actions()))))
                                .toList());
        if (!groups.isEmpty()) {
            claims.claim(GROUPS, List.copyOf(new TreeSet<>(groups)));
        }
        ECKey key = keys.signing();
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .type(JOSEObjectType.JWT)
                        .keyID(key.getKeyID())
                        .build(),
                claims.build());
        try {
            token.sign(new ECDSASigner(key));
        } catch (JOSEException e) {
            throw new IllegalStateException("cannot sign a token", e);
        }
        return new Issued(token.serialize(), now, properties.lifetime(), granted);
    }

    /** What a token says; empty unless it is one of this registry's, for it, and valid now. */
    public Optional<Claims> verify(String text) {
        if (text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        Verified known = verified.get(text);
        if (known != null) {
            boolean valid =
                    inTime(known.claims()) && keys.verification(known.kid()).isPresent();
            if (!valid) {
                verified.remove(text);
            }
            return valid ? Optional.of(known.claims()) : Optional.empty();
        }
        try {
            SignedJWT token = SignedJWT.parse(text);
            String kid = token.getHeader().getKeyID();
            ECKey key = kid == null ? null : keys.verification(kid).orElse(null);
            if (key == null || !acceptable(token.getHeader()) || !token.verify(new ECDSAVerifier(key))) {
                return Optional.empty();
            }
            Optional<Claims> claims = claims(token.getJWTClaimsSet()).filter(this::inTime);
            claims.ifPresent(valid -> remember(text, new Verified(String.valueOf(kid), valid)));
            return claims;
        } catch (ParseException | JOSEException e) {
            return Optional.empty();
        }
    }

    private static boolean acceptable(JWSHeader header) {
        return JWSAlgorithm.ES256.equals(header.getAlgorithm())
                && JOSEObjectType.JWT.equals(header.getType())
                && header.getJWK() == null
                && header.getJWKURL() == null
                && header.getX509CertChain() == null
                && header.getX509CertURL() == null
                && header.getCriticalParams() == null
                && header.isBase64URLEncodePayload();
    }

    private void remember(String text, Verified valid) {
        if (verified.size() >= REMEMBERED) {
            verified.clear();
        }
        verified.put(text, valid);
    }

    private boolean inTime(Claims claims) {
        Instant now = clock.instant();
        return now.isBefore(claims.expiresAt()) && !claims.issuedAt().isAfter(now.plus(SKEW));
    }

    private Optional<Claims> claims(JWTClaimsSet set) throws ParseException {
        Date issued = set.getIssueTime();
        Date expires = set.getExpirationTime();
        Date from = set.getNotBeforeTime();
        String text = set.getSubject();
        String precise = set.getStringClaim(ISSUED);
        if (issued == null
                || precise == null
                || expires == null
                || text == null
                || !properties.issuer().equals(set.getIssuer())
                || !List.of(properties.service()).equals(set.getAudience())
                || (from != null && from.toInstant().isAfter(clock.instant().plus(SKEW)))) {
            return Optional.empty();
        }
        Optional<Subject> subject = text.isEmpty() ? Optional.of(Subject.ANONYMOUS) : Subject.parse(text);
        List<String> groups = set.getStringListClaim(GROUPS);
        List<Scope> scopes = scopes(set.getClaim(ACCESS));
        Instant issuedAt = instant(precise);
        return subject.map(known -> new Claims(
                known, groups == null ? Set.of() : Set.copyOf(groups), issuedAt, expires.toInstant(), scopes));
    }

    private static Instant instant(String text) throws ParseException {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw (ParseException) new ParseException("malformed time", e.getErrorIndex()).initCause(e);
        }
    }

    private static List<Scope> scopes(@Nullable Object access) throws ParseException {
        List<Scope> scopes = new ArrayList<>();
        if (!(access instanceof List<?> entries)) {
            return scopes;
        }
        for (Object entry : entries) {
            if (!(entry instanceof Map<?, ?> resource)
                    || !(resource.get("type") instanceof String type)
                    || !(resource.get("name") instanceof String name)
                    || !(resource.get("actions") instanceof List<?> actions)) {
                throw new ParseException("malformed access claim", 0);
            }
            Set<String> words = new TreeSet<>();
            actions.forEach(word -> words.add(String.valueOf(word)));
            scopes.add(new Scope(type, name, words));
        }
        return scopes;
    }
}
