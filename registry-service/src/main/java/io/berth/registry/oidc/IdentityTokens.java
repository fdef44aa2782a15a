package io.berth.registry.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Verifies tokens of the identity provider that the settings name (OpenID Connect Core 1.0, 3.1.3.7). Thread-safe.
 *
 * <p>Only signatures with the provider's own published keys count, and only with algorithms that need a private key: a token
 * signed with a public key as an HMAC secret is none.
 */
@Component
public class IdentityTokens {
    private static final int MAX_LENGTH = 32 * 1024;
    private static final int MAX_GROUPS = 500;
    private static final Duration SKEW = Duration.ofSeconds(30);
    private static final Pattern NAME = Pattern.compile("[\\x21-\\x7e]{1,255}");
    private static final Set<JWSAlgorithm> RSA = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512);
    private static final Set<JWSAlgorithm> EC = Set.of(JWSAlgorithm.ES256, JWSAlgorithm.ES384, JWSAlgorithm.ES512);

    private final OidcProperties properties;
    private final ProviderKeys keys;
    private final Clock clock = Clock.systemUTC();

    IdentityTokens(OidcProperties properties, ProviderKeys keys) {
        this.properties = properties;
        this.keys = keys;
    }

    /** Whom a token names; empty unless it is the provider's, for this registry, and valid now. */
    public Optional<Identity> verify(String text) {
        if (properties.issuer() == null || text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        try {
            SignedJWT token = SignedJWT.parse(text);
            JWTClaimsSet claims = token.getJWTClaimsSet();
            // First what costs nothing: strangers' tokens must not make the registry ask for keys.
            if (!acceptable(claims)) {
                return Optional.empty();
            }
            JWSHeader header = token.getHeader();
            String kid = header.getKeyID();
            JWSVerifier verifier =
                    kid == null ? null : verifier(header, keys.key(kid).orElse(null));
            return verifier != null && token.verify(verifier) ? identity(claims) : Optional.empty();
        } catch (ParseException | JOSEException e) {
            return Optional.empty();
        }
    }

    private boolean acceptable(JWTClaimsSet claims) {
        Instant now = clock.instant();
        Date expires = claims.getExpirationTime();
        Date issued = claims.getIssueTime();
        Date from = claims.getNotBeforeTime();
        return String.valueOf(properties.issuer()).equals(claims.getIssuer())
                && claims.getAudience().contains(properties.audience())
                && expires != null
                && now.isBefore(expires.toInstant())
                && issued != null
                && !issued.toInstant().isAfter(now.plus(SKEW))
                && (from == null || !from.toInstant().isAfter(now.plus(SKEW)));
    }

    private static @Nullable JWSVerifier verifier(JWSHeader header, @Nullable JWK key) throws JOSEException {
        if (key == null || (key.getKeyUse() != null && !key.getKeyUse().equals(KeyUse.SIGNATURE))) {
            return null;
        }
        if (key instanceof RSAKey rsa && RSA.contains(header.getAlgorithm())) {
            return new RSASSAVerifier(rsa.toPublicJWK());
        }
        if (key instanceof ECKey ec && EC.contains(header.getAlgorithm())) {
            return new ECDSAVerifier(ec.toPublicJWK());
        }
        return null;
    }

    private Optional<Identity> identity(JWTClaimsSet claims) throws ParseException {
        String name = claims.getStringClaim(properties.nameClaim());
        if (name == null || !NAME.matcher(name).matches()) {
            return Optional.empty();
        }
        Set<String> groups = new HashSet<>();
        if (claims.getClaim(properties.groupsClaim()) instanceof List<?> listed) {
            listed.stream()
                    .limit(MAX_GROUPS)
                    .filter(String.class::isInstance)
                    .forEach(group -> groups.add((String) group));
        }
        return Optional.of(new Identity(name, groups));
    }
}
