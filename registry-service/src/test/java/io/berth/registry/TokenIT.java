package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.berth.oci.Digest;
import io.berth.registry.TestRegistry.Answer;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Access and refresh tokens: how they are got, and every way of forging or outliving one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenIT {
    private static final String PASSWORD = "correct horse";
    private static final String TAGS = "/v2/team/app/tags/list";
    private static final String FORM = "application/x-www-form-urlencoded";

    @TempDir
    static Path directory;

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private TestRegistry registry;

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private Person admin;

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private Person anonymous;

    @BeforeAll
    void start() throws IOException {
        registry = TestRegistry.start(directory, "--berth.registry.access=private");
        admin = Person.administrator(registry);
        anonymous = Person.anonymous(registry);
        registry.blob("team/app", bytes("content"));
        account("alice");
    }

    @AfterAll
    void stop() {
        registry.close();
    }

    private Person account(String name) {
        assertThat(admin.post("/berth/registry/accounts", """
                {"name": "%s", "password": "%s"}""".formatted(name, PASSWORD))
                        .status())
                .isEqualTo(201);
        assertThat(admin.post("/berth/registry/policies", """
                {"repositories": "team/**", "grantee": "user:%s", "actions": ["pull", "push"]}""".formatted(name)).status())
                .isEqualTo(201);
        return Person.login(registry, name, PASSWORD);
    }

    private ECKey signingKey() throws Exception {
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(registry.data().resolve("keys"), "*.jwk")) {
            for (Path file : files) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------");
                ECKey key = ECKey.parse(Files.readString(file));
                if (key.isPrivate()) {
                    return key;
                }
            }
        }
        throw new AssertionError("no key signs");
    }

    private static JWTClaimsSet.Builder claims() {
        Instant now = Instant.now();
        return new JWTClaimsSet.Builder()
                .issuer("berth-registry")
                .subject("user:admin")
                .audience("berth-registry")
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(300)))
                .claim("issued", now.toString())
                .claim("access", List.of(Map.of("type", "repository", "name", "team/app", "actions", List.of("pull"))));
    }

    private static String signed(ECKey key, JWSHeader header, JWTClaimsSet claims) throws Exception {
        SignedJWT token = new SignedJWT(header, claims);
        token.sign(new ECDSASigner(key));
        return token.serialize();
    }

    private static JWSHeader.Builder header(ECKey key) {
        return new JWSHeader.Builder(JWSAlgorithm.ES256)
                .type(JOSEObjectType.JWT)
                .keyID(key.getKeyID());
    }

    private int status(String token) {
        return anonymous.with("Bearer " + token).get(TAGS).status();
    }

    /** CVE-2025-24976 and its kind: what a token says about keys counts for nothing. */
    @Test
    void forgedTokensAreRefused() throws Exception {
        admin.token();
        ECKey real = signingKey();
        ECKey own = new ECKeyGenerator(Curve.P_256).keyID(real.getKeyID()).generate();
        JWTClaimsSet good = claims().build();
        assertThat(status(signed(real, header(real).build(), good))).isEqualTo(200);

        Map<String, String> forged = new LinkedHashMap<>();
        forged.put("another key under the same id", signed(own, header(own).build(), good));
        forged.put(
                "its key in the header",
                signed(own, header(own).jwk(own.toPublicJWK()).build(), good));
        forged.put(
                "the right key in the header",
                signed(real, header(real).jwk(real.toPublicJWK()).build(), good));
        forged.put(
                "a certificate chain",
                signed(
                        own,
                        header(own).x509CertChain(List.of(Base64.encode("x"))).build(),
                        good));
        forged.put(
                "a key's address",
                signed(
                        own,
                        header(own)
                                .jwkURL(URI.create("http://127.0.0.1:1/jwks"))
                                .build(),
                        good));
        forged.put(
                "an unknown id",
                signed(
                        own,
                        new JWSHeader.Builder(JWSAlgorithm.ES256)
                                .type(JOSEObjectType.JWT)
                                .keyID("other")
                                .build(),
                        good));
        forged.put(
                "no id",
                signed(
                        real,
                        new JWSHeader.Builder(JWSAlgorithm.ES256)
                                .type(JOSEObjectType.JWT)
                                .build(),
                        good));
        forged.put(
                "no type",
                signed(
                        real,
                        new JWSHeader.Builder(JWSAlgorithm.ES256)
                                .keyID(real.getKeyID())
                                .build(),
                        good));
        SignedJWT hmac = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256)
                        .type(JOSEObjectType.JWT)
                        .keyID(real.getKeyID())
                        .build(),
                good);
        hmac.sign(new MACSigner(real.toECPublicKey().getEncoded()));
        forged.put("the public key as a secret", hmac.serialize());
        String[] parts = signed(real, header(real).build(), good).split("\\.", -1);
        forged.put(
                "no algorithm",
                encoded("{\"alg\":\"none\",\"typ\":\"JWT\",\"kid\":\"" + real.getKeyID() + "\"}") + "." + parts[1]
                        + ".");
        forged.put("no signature", parts[0] + "." + parts[1] + ".");
        forged.put("another signature", parts[0] + "." + parts[1] + "." + encoded("x".repeat(64)));
        forged.put("a zero signature", parts[0] + "." + parts[1] + "." + encoded("\0".repeat(64)));
        forged.put(
                "other claims",
                parts[0] + "." + encoded(claims().jwtID("x").build().toString()) + "." + parts[2]);
        forged.put("nothing", "x");
        forged.put("dots", "..");
        forged.put("long", parts[0] + "." + "A".repeat(2_000) + "." + parts[2]);

        forged.forEach((what, token) -> assertThat(status(token)).as(what).isEqualTo(401));
    }

    private static String encoded(String text) {
        return java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(text));
    }

    @Test
    void wrongClaimsAreRefused() throws Exception {
        admin.token();
        ECKey key = signingKey();
        Date past = Date.from(Instant.now().minus(Duration.ofMinutes(2)));
        Date future = Date.from(Instant.now().plus(Duration.ofMinutes(2)));
        Map<String, Consumer<JWTClaimsSet.Builder>> wrong = new LinkedHashMap<>();
        wrong.put("another audience", claims -> claims.audience("other"));
        wrong.put("two audiences", claims -> claims.audience(List.of("berth-registry", "other")));
        wrong.put("no audience", claims -> claims.audience((String) null));
        wrong.put("another issuer", claims -> claims.issuer("other"));
        wrong.put("no issuer", claims -> claims.issuer(null));
        wrong.put("expired", claims -> claims.expirationTime(past));
        wrong.put("never expires", claims -> claims.expirationTime(null));
        wrong.put("not yet", claims -> claims.notBeforeTime(future));
        wrong.put(
                "issued in the future",
                claims -> claims.issueTime(future)
                        .claim("issued", future.toInstant().toString()));
        wrong.put("no issue time", claims -> claims.issueTime(null)); // made Harbor panic
        wrong.put("no precise issue time", claims -> claims.claim("issued", null));
        wrong.put("malformed issue time", claims -> claims.claim("issued", "yesterday"));
        wrong.put("no subject", claims -> claims.subject(null));
        wrong.put("unknown subject", claims -> claims.subject("user:nobody"));
        wrong.put("unknown kind", claims -> claims.subject("root"));
        wrong.put("the platform", claims -> claims.subject("platform"));
        wrong.put("the registry", claims -> claims.subject("registry"));
        wrong.put("no scope", claims -> claims.claim("access", null));
        wrong.put("malformed scope", claims -> claims.claim("access", List.of("repository:team/app:pull")));
        wrong.put(
                "another repository",
                claims -> claims.claim(
                        "access",
                        List.of(Map.of("type", "repository", "name", "team/ap", "actions", List.of("pull")))));
        wrong.put(
                "another action",
                claims -> claims.claim(
                        "access",
                        List.of(Map.of("type", "repository", "name", "team/app", "actions", List.of("push")))));
        wrong.put(
                "another type",
                claims -> claims.claim(
                        "access", List.of(Map.of("type", "registry", "name", "team/app", "actions", List.of("pull")))));
        for (Map.Entry<String, Consumer<JWTClaimsSet.Builder>> each : wrong.entrySet()) {
            JWTClaimsSet.Builder claims = claims();
            each.getValue().accept(claims);
            assertThat(status(signed(key, header(key).build(), claims.build())))
                    .as(each.getKey())
                    .isEqualTo(401);
        }
    }

    @Test
    void aTokenTellsWhatWasGranted() {
        Person alice = Person.login(registry, "alice", PASSWORD);
        Answer answer = alice.get(Person.tokenPath(
                "repository:team/app:pull,push,delete", "repository:other:pull", "nonsense", "registry:x:*"));

        JsonNode json = Person.json(answer);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Cache-Control")).contains("no-store");
        assertThat(json.path("scope").asString()).isEqualTo("repository:team/app:pull,push");
        assertThat(json.path("token").asString())
                .isEqualTo(json.path("access_token").asString());
        assertThat(json.path("expires_in").asInt()).isGreaterThanOrEqualTo(60);
        assertThat(Instant.parse(json.path("issued_at").asString())).isBeforeOrEqualTo(Instant.now());
        assertThat(json.has("refresh_token")).isFalse();
    }

    @Test
    void wrongCredentialsGetNoToken() {
        for (Person wrong : List.of(
                Person.login(registry, "alice", "wrong"),
                Person.login(registry, "alice", ""),
                Person.login(registry, "nobody", PASSWORD),
                Person.login(registry, "robot+nobody", PASSWORD),
                Person.login(registry, "oidc+token", PASSWORD),
                anonymous.with("Basic !!!"),
                anonymous.with("Basic " + encoded("no colon")),
                anonymous.with("Digest x"),
                anonymous.with("Bearer x"))) {
            Answer answer = wrong.get(Person.tokenPath("repository:team/app:pull"));
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate")).isEqualTo("Basic realm=\"berth-registry\"");
            assertThat(answer.text()).doesNotContain("token\":");
        }
        assertThat(anonymous.get("/v2/token?service=other").status()).isEqualTo(400);
    }

    private Answer exchange(String... pairs) {
        StringBuilder form = new StringBuilder("service=berth-registry&client_id=test");
        for (int i = 0; i < pairs.length; i += 2) {
            form.append('&')
                    .append(pairs[i])
                    .append('=')
                    .append(URLEncoder.encode(pairs[i + 1], StandardCharsets.UTF_8));
        }
        return anonymous.send("POST", "/v2/token", FORM, bytes(form.toString()));
    }

    @Test
    void refreshTokensLastAsLongAsThePassword() {
        Person bob = account("bob");
        Answer login =
                exchange("grant_type", "password", "username", "bob", "password", PASSWORD, "access_type", "offline");
        String refresh = Person.json(login).path("refresh_token").asString();
        assertThat(refresh).hasSizeGreaterThan(60);

        Answer first = exchange(
                "grant_type",
                "refresh_token",
                "refresh_token",
                refresh,
                "scope",
                "repository:team/app:pull repository:team/b:push");
        assertThat(Person.json(first).path("scope").asString())
                .isEqualTo("repository:team/app:pull repository:team/b:push");
        assertThat(Person.json(first).path("refresh_token").asString()).isEqualTo(refresh);
        String access = Person.json(first).path("access_token").asString();
        assertThat(status(access)).isEqualTo(200);
        // It is for the token endpoint only.
        assertThat(status(refresh)).isEqualTo(401);
        assertThat(Person.login(registry, "bob", refresh).get(TAGS).status()).isEqualTo(401);
        String other = Person.json(bob.get("/v2/token?service=berth-registry&offline_token=true&client_id=x"))
                .path("refresh_token")
                .asString();
        assertThat(other).isNotEqualTo(refresh).isNotEmpty();
        for (String wrong : List.of(
                "",
                "x",
                "x.y",
                refresh + "x",
                refresh.substring(0, 40),
                other.split("\\.")[0] + "." + refresh.split("\\.")[1])) {
            assertThat(exchange("grant_type", "refresh_token", "refresh_token", wrong)
                            .status())
                    .as(wrong)
                    .isEqualTo(401);
        }

        assertThat(bob.put("/berth/registry/accounts/bob/password", """
                {"current": "wrong", "password": "another horse"}""").status())
                .isEqualTo(403);
        assertThat(bob.put("/berth/registry/accounts/bob/password", """
                {"current": "%s", "password": "another horse"}""".formatted(PASSWORD))
                        .status())
                .isEqualTo(204);

        assertThat(status(access)).isEqualTo(401);
        assertThat(exchange("grant_type", "refresh_token", "refresh_token", refresh)
                        .status())
                .isEqualTo(401);
        assertThat(bob.get(TAGS).status()).isEqualTo(401);
        assertThat(Person.login(registry, "bob", "another horse").get(TAGS).status())
                .isEqualTo(200);
    }

    @Test
    void malformedExchangesAreRefused() {
        assertThat(exchange().status()).isEqualTo(400);
        assertThat(exchange("grant_type", "authorization_code").status()).isEqualTo(400);
        assertThat(exchange("grant_type", "password", "username", "alice").status())
                .isEqualTo(401);
        assertThat(anonymous
                        .send("POST", "/v2/token", FORM, bytes("service=other"))
                        .status())
                .isEqualTo(400);
        assertThat(anonymous.send("POST", "/v2/token", FORM, bytes("a=%zz")).status())
                .isEqualTo(400);
        assertThat(anonymous
                        .send("POST", "/v2/token", FORM, bytes("a=" + "x".repeat(64 * 1024)))
                        .status())
                .isEqualTo(413);
    }

    @Test
    void aReplacedKeyVerifiesWhatItHasSigned() throws Exception {
        Person before = admin.withToken("repository:team/app:pull");
        ECKey old = signingKey();

        Answer rotated = admin.post("/berth/registry/keys", "");

        assertThat(rotated.status()).isEqualTo(201);
        ECKey fresh = signingKey();
        assertThat(Person.json(rotated).path("kid").asString())
                .isEqualTo(fresh.getKeyID())
                .isNotEqualTo(old.getKeyID());
        assertThat(before.get(TAGS).status()).isEqualTo(200);
        assertThat(SignedJWT.parse(admin.token()).getHeader().getKeyID()).isEqualTo(fresh.getKeyID());
        assertThat(admin.get("/berth/registry/audit?action=key.rotate&subject=user:admin")
                        .text())
                .contains(fresh.getKeyID());
        String listed = admin.get("/berth/registry/keys").text();
        assertThat(listed).contains(old.getKeyID(), fresh.getKeyID()).doesNotContain("\"d\"");
        assertThat(registry.data().resolve("keys").resolve(old.getKeyID() + ".jwk"))
                .as("the old key can sign no more")
                .doesNotExist();
    }

    @Test
    void guessingAPasswordEndsSoon() {
        assertThat(admin.post("/berth/registry/accounts", "{\"name\":\"victim\",\"password\":\"correct horse\"}")
                        .status())
                .isEqualTo(201);
        for (String name : List.of("victim", "nobody-of-this-name")) {
            for (int guess = 0; guess < 10; guess++) {
                assertThat(Person.login(registry, name, "guess " + guess)
                                .get("/v2/")
                                .status())
                        .isEqualTo(401);
            }
            Answer refused = Person.login(registry, name, "correct horse").get("/v2/");
            assertThat(refused.status())
                    .as("the right one tells nothing either")
                    .isEqualTo(429);
            assertThat(refused.text()).contains("TOOMANYREQUESTS");
            assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 301);
            assertThat(Person.login(registry, name, "guess")
                            .get(Person.tokenPath("repository:team/app:pull"))
                            .status())
                    .isEqualTo(429);
        }
        assertThat(admin.get("/v2/").status()).as("others go on").isEqualTo(200);
    }

    @Test
    void robotsEndWithTheirSecret() {
        Answer made = admin.post("/berth/registry/robots", """
                {"name": "builder", "grants": [{"repositories": "team/app", "actions": ["pull"]}], "days": 1}""");
        String secret = Person.json(made).path("secret").asString();
        Person robot = Person.login(registry, "robot+builder", secret);
        Person token = robot.withToken("repository:team/app:pull,push");
        assertThat(robot.get(TAGS).status()).isEqualTo(200);
        assertThat(token.get(TAGS).status()).isEqualTo(200);
        assertThat(token.send("POST", "/v2/team/app/blobs/uploads/", "", new byte[0])
                        .status())
                .isEqualTo(403);
        assertThat(robot.get("/berth/registry/robots").status()).isEqualTo(403);

        Answer renewed = admin.post("/berth/registry/robots/builder/secret", "{}");

        assertThat(robot.get(TAGS).status()).isEqualTo(401);
        assertThat(token.get(TAGS).status()).isEqualTo(401);
        Person again = Person.login(
                registry, "robot+builder", Person.json(renewed).path("secret").asString());
        assertThat(again.get(TAGS).status()).isEqualTo(200);
        assertThat(admin.delete("/berth/registry/robots/builder").status()).isEqualTo(204);
        assertThat(again.get(TAGS).status()).isEqualTo(401);
        assertThat(admin.get("/berth/registry/policies").text()).doesNotContain("robot:builder");
    }

    /** Harbor #22900: what was given to an account or a robot is nothing to the next of its name. */
    @Test
    void whoTakesANameAgainInheritsNothing() {
        Person before = account("carol");
        String refresh = Person.json(exchange(
                        "grant_type", "password", "username", "carol", "password", PASSWORD, "access_type", "offline"))
                .path("refresh_token")
                .asString();
        Person token = before.withToken("repository:team/app:pull");
        assertThat(token.get(TAGS).status()).isEqualTo(200);
        assertThat(admin.delete("/berth/registry/accounts/carol").status()).isEqualTo(204);
        assertThat(token.get(TAGS).status()).isEqualTo(401);

        assertThat(admin.post("/berth/registry/accounts", """
                {"name": "carol", "password": "another horse"}""").status()).isEqualTo(201);
        Person after = Person.login(registry, "carol", "another horse");
        assertThat(before.get(TAGS).status()).as("the old password").isEqualTo(401);
        assertThat(token.get(TAGS).status()).as("the old token").isEqualTo(401);
        assertThat(exchange("grant_type", "refresh_token", "refresh_token", refresh)
                        .status())
                .as("the old refresh token")
                .isEqualTo(401);
        assertThat(after.get(TAGS).status()).as("the old policies").isEqualTo(403);

        String made = """
                {"name": "again", "grants": [{"repositories": "team/app", "actions": ["pull"]}], "days": 1}""";
        Person robot = Person.login(
                registry,
                "robot+again",
                Person.json(admin.post("/berth/registry/robots", made))
                        .path("secret")
                        .asString());
        Person robotsToken = robot.withToken("repository:team/app:pull");
        assertThat(robotsToken.get(TAGS).status()).isEqualTo(200);
        assertThat(admin.delete("/berth/registry/robots/again").status()).isEqualTo(204);
        assertThat(admin.post("/berth/registry/robots", made).status()).isEqualTo(201);
        assertThat(robot.get(TAGS).status()).isEqualTo(401);
        assertThat(robotsToken.get(TAGS).status()).isEqualTo(401);
    }

    /** Harbor #22900, #23270: names of repositories stay, and a token is never more than what its bearer may at the moment. */
    @Test
    void aTokenOpensNoRepositoryThatWasEmptiedAndFilledAgain() {
        Person dave = account("dave");
        Person token = dave.withToken("repository:team/again:pull,push", "repository:team/target:pull,push");
        Digest first = registry.blob("team/again", bytes("first"));
        TestImage image = TestImage.of(registry, "team/again", "first").push(registry, "t");
        assertThat(token.get(image.path("t")).status()).isEqualTo(200);
        registry.delete(image.path(image.digest()));
        registry.delete("/v2/team/again/blobs/" + first);
        assertThat(token.get(image.path("t")).status()).isEqualTo(404);
        long policy = 0;
        for (JsonNode known : Person.json(admin.get("/berth/registry/policies")).path("policies")) {
            if (known.path("grantee").asString().equals("user:dave")) {
                policy = known.path("id").asLong();
            }
        }
        assertThat(admin.delete("/berth/registry/policies/" + policy).status()).isEqualTo(204);
        assertThat(admin.post("/berth/registry/policies", """
                {"repositories": "team/target", "grantee": "user:dave", "actions": ["pull", "push"]}""").status()).isEqualTo(201);

        TestImage second = TestImage.of(registry, "team/again", "second").push(registry, "t");
        Digest blob = registry.blob("team/again", bytes("second"));
        assertThat(token.get(second.path("t")).status()).isEqualTo(403);
        assertThat(token.get("/v2/team/again/blobs/" + blob).status()).isEqualTo(403);
        assertThat(token.get("/v2/team/target/tags/list").status())
                .as("where the right is still there")
                .isEqualTo(404);
        assertThat(token.send("POST", "/v2/team/target/blobs/uploads/?from=team/again&mount=" + blob, "", new byte[0])
                        .status())
                .as("as the source of a mount")
                .isEqualTo(202);
        assertThat(token.get("/v2/team/target/blobs/" + blob).status()).isEqualTo(404);
    }

    /** CVE-2023-20902 and its kind: an unknown name takes as long as a wrong password. */
    @Test
    void anUnknownNameTakesAsLongAsAWrongPassword() {
        long[] known = new long[7];
        long[] unknown = new long[7];
        for (int i = 0; i < known.length; i++) {
            known[i] = nanos(Person.login(registry, "alice", "wrong" + i));
            unknown[i] = nanos(Person.login(registry, "mallory", "wrong" + i));
        }
        double ratio = (double) Arrays.stream(unknown).min().orElseThrow()
                / Arrays.stream(known).min().orElseThrow();
        assertThat(ratio).isBetween(0.5, 2.0);
    }

    private static long nanos(Person person) {
        long began = System.nanoTime();
        assertThat(person.get("/v2/").status()).isEqualTo(401);
        return System.nanoTime() - began;
    }
}
