package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of an identity provider in place of a password. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OidcIT {
    private static final String TAGS = "/v2/team/app/tags/list";

    @TempDir
    static Path directory;

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private TestRegistry registry;

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private HttpServer provider;

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private RSAKey key;

    private final AtomicInteger asked = new AtomicInteger();

    private String issuer() {
        return "http://127.0.0.1:" + provider.getAddress().getPort();
    }

    @BeforeAll
    void start() throws Exception {
        key = new RSAKeyGenerator(2048).keyID("provider-1").generate();
        provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        provider.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            boolean keys = path.equals("/keys");
            String body = keys ? new JWKSet(key.toPublicJWK()).toString() : "{\"jwks_uri\": \"" + issuer() + "/keys\"}";
            asked.incrementAndGet();
            boolean known = keys || path.equals("/.well-known/openid-configuration");
            exchange.sendResponseHeaders(known ? 200 : 404, 0);
            exchange.getResponseBody().write(bytes(body));
            exchange.close();
        });
        provider.start();
        registry = TestRegistry.start(
                directory, "--berth.registry.access=private", "--berth.registry.oidc.issuer=" + issuer());
        Person admin = Person.administrator(registry);
        registry.blob("team/app", bytes("content"));
        for (String grantee : List.of("oidc:carol", "group:ops")) {
            assertThat(admin.post("/berth/registry/policies", """
                    {"repositories": "team/app", "grantee": "%s", "actions": ["pull"]}""".formatted(grantee))
                            .status())
                    .isEqualTo(201);
        }
    }

    @AfterAll
    void stop() {
        registry.close();
        provider.stop(0);
    }

    private JWTClaimsSet.Builder claims(String subject) {
        Instant now = Instant.now();
        return new JWTClaimsSet.Builder()
                .issuer(issuer())
                .subject(subject)
                .audience("berth-registry")
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(300)));
    }

    private static String signed(RSAKey key, JWTClaimsSet claims) throws Exception {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(), claims);
        token.sign(new RSASSASigner(key));
        return token.serialize();
    }

    private Person login(String token) {
        return Person.login(registry, "oidc+token", token);
    }

    @Test
    void theProvidersUsersMayDoWhatPoliciesGrantThem() throws Exception {
        Person carol = login(signed(key, claims("carol").build()));
        Person operator = login(signed(
                key, claims("dave").claim("groups", List.of("ops", "all")).build()));
        Person stranger = login(signed(key, claims("mallory").build()));

        assertThat(carol.get(TAGS).status()).isEqualTo(200);
        assertThat(carol.withToken("repository:team/app:pull").get(TAGS).status())
                .isEqualTo(200);
        assertThat(operator.get(TAGS).status()).isEqualTo(200);
        assertThat(operator.withToken("repository:team/app:pull,push").get(TAGS).status())
                .isEqualTo(200);
        assertThat(stranger.get(TAGS).status()).isEqualTo(403);
        assertThat(stranger.withToken("repository:team/app:pull").get(TAGS).status())
                .isEqualTo(403);
        // An administrator of this registry is an account, whatever a provider calls its users.
        assertThat(login(signed(key, claims("admin").build()))
                        .get("/berth/registry/accounts")
                        .status())
                .isEqualTo(403);
        // What the provider vouches for now may not be so in a month.
        assertThat(carol.get("/v2/token?service=berth-registry&offline_token=true")
                        .text())
                .doesNotContain("refresh_token");
    }

    @Test
    void othersTokensAreRefused() throws Exception {
        RSAKey own = new RSAKeyGenerator(2048).keyID("provider-1").generate();
        Map<String, String> forged = new LinkedHashMap<>();
        forged.put("another key", signed(own, claims("carol").build()));
        SignedJWT hmac = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("provider-1").build(),
                claims("carol").build());
        hmac.sign(new MACSigner(key.toRSAPublicKey().getEncoded()));
        forged.put("the public key as a secret", hmac.serialize());
        Map<String, Consumer<JWTClaimsSet.Builder>> wrong = new LinkedHashMap<>();
        wrong.put("another issuer", claims -> claims.issuer("http://127.0.0.1:1"));
        wrong.put("another audience", claims -> claims.audience("other"));
        wrong.put("no audience", claims -> claims.audience((String) null));
        wrong.put(
                "expired",
                claims -> claims.expirationTime(Date.from(Instant.now().minusSeconds(60))));
        wrong.put("never expires", claims -> claims.expirationTime(null));
        wrong.put("no issue time", claims -> claims.issueTime(null));
        wrong.put(
                "not yet",
                claims -> claims.notBeforeTime(Date.from(Instant.now().plusSeconds(120))));
        wrong.put("no subject", claims -> claims.subject(null));
        wrong.put("a subject with a space", claims -> claims.subject("carol carol"));
        for (Map.Entry<String, Consumer<JWTClaimsSet.Builder>> each : wrong.entrySet()) {
            JWTClaimsSet.Builder claims = claims("carol");
            each.getValue().accept(claims);
            forged.put(each.getKey(), signed(key, claims.build()));
        }
        forged.put("nothing", "x");

        forged.forEach((what, token) ->
                assertThat(login(token).get(TAGS).status()).as(what).isEqualTo(401));
        // Only as a password: elsewhere it is nobody's.
        assertThat(Person.anonymous(registry)
                        .with("Bearer " + signed(key, claims("carol").build()))
                        .get(TAGS)
                        .status())
                .isEqualTo(401);
    }

    @Test
    void madeUpKeysDoNotMakeTheRegistryAskAgainAndAgain() throws Exception {
        assertThat(login(signed(key, claims("carol").build())).get(TAGS).status())
                .isEqualTo(200);
        int before = asked.get();

        for (int i = 0; i < 20; i++) {
            RSAKey unknown = new RSAKey.Builder(key).keyID("made-up-" + i).build();
            assertThat(login(signed(unknown, claims("carol").build())).get(TAGS).status())
                    .isEqualTo(401);
        }

        assertThat(asked.get() - before).isLessThanOrEqualTo(2);
    }
}
