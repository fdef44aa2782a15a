package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.berth.oci.Digest;
import io.berth.registry.TestRegistry.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The first administrator, accounts, policies, the audit log and webhooks. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(OutputCaptureExtension.class)
class AdministrationIT {
    private static final String PASSWORD = "correct horse";
    private static final String SECRET = "webhook secret";

    @TempDir
    static Path directory;

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private TestRegistry registry;

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private Person admin;

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private HttpServer listener;

    private record Told(String signature, String id, String body) {}

    private final BlockingQueue<Told> told = new LinkedBlockingQueue<>();
    private final AtomicInteger failures = new AtomicInteger();
    private final List<String> secrets = new ArrayList<>(List.of(PASSWORD, SECRET));

    @BeforeAll
    void start(CapturedOutput output) throws IOException {
        registry = TestRegistry.start(
                directory,
                "--berth.registry.access=private",
                "--berth.registry.webhook.allow-private=true",
                "--berth.registry.webhook.first-retry=200ms");
        String password = Files.readString(registry.data().resolve("admin-password"));
        secrets.add(password.strip());
        admin = Person.administrator(registry);
        listener = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        listener.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            boolean fails = failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
            if (!fails) {
                told.add(new Told(
                        String.valueOf(exchange.getRequestHeaders().getFirst("Berth-Signature")),
                        String.valueOf(exchange.getRequestHeaders().getFirst("Berth-Event")),
                        body));
            }
            exchange.sendResponseHeaders(fails ? 503 : 204, -1);
            exchange.close();
        });
        listener.start();
        assertThat(output.getOut()).contains("first administrator made: its password is in the file admin-password");
    }

    @AfterAll
    void stop(CapturedOutput output) {
        listener.stop(0);
        registry.close();
        // CVE-2025-48374, GHSA-prh4-vhfh-24mj.
        for (String secret : secrets) {
            assertThat(output.getAll()).doesNotContain(secret);
        }
    }

    /** CVE-2026-4404: there is no password that anybody could know beforehand. */
    @Test
    void theFirstPasswordIsRandomAndOnlyTheRegistrysUserCanReadIt(@TempDir Path other) throws IOException {
        Path file = registry.data().resolve("admin-password");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String password = Files.readString(file).strip();
        assertThat(password).hasSize(43);
        for (String guess : List.of("admin", "password", "berth", "Harbor12345", "")) {
            assertThat(Person.login(registry, "admin", guess).get("/v2/").status())
                    .isEqualTo(401);
        }
        try (TestRegistry second = TestRegistry.start(other)) {
            String another =
                    Files.readString(second.data().resolve("admin-password")).strip();
            secrets.add(another);
            assertThat(another).isNotEqualTo(password);
        }
    }

    private Person account(String name) {
        Answer made = admin.post("/berth/registry/accounts", """
                {"name": "%s", "password": "%s"}""".formatted(name, PASSWORD));
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return Person.login(registry, name, PASSWORD);
    }

    /** CVE-2019-16097, CVE-2022-31668: nobody makes themselves an administrator. */
    @Test
    void onlyAdministratorsAdministrate() {
        Person eve = account("eve");
        Person anonymous = Person.anonymous(registry);
        String self = "{\"name\": \"mallory\", \"password\": \"" + PASSWORD + "\", \"administrator\": true}";

        assertThat(anonymous.post("/berth/registry/accounts", self).status()).isEqualTo(401);
        assertThat(eve.post("/berth/registry/accounts", self).status()).isEqualTo(403);
        assertThat(eve.patch("/berth/registry/accounts/eve", "{\"administrator\": true}")
                        .status())
                .isEqualTo(403);
        assertThat(eve.put("/berth/registry/accounts/eve/password", """
                {"current": "%s", "password": "%s", "administrator": true}""".formatted(PASSWORD, PASSWORD))
                        .status())
                .isEqualTo(400);
        assertThat(eve.put("/berth/registry/accounts/admin/password", """
                {"current": "%s", "password": "%s"}""".formatted(PASSWORD, PASSWORD))
                        .status())
                .isEqualTo(403);
        assertThat(anonymous
                        .put("/berth/registry/accounts/eve/password", "{\"password\": \"" + PASSWORD + "\"}")
                        .status())
                .isEqualTo(401);
        assertThat(eve.post("/berth/registry/policies", """
                {"repositories": "**", "grantee": "user:eve", "actions": ["pull"]}""").status()).isEqualTo(403);
        assertThat(eve.delete("/berth/registry/accounts/admin").status()).isEqualTo(403);
        assertThat(eve.get("/berth/registry/audit").status()).isEqualTo(403);
        assertThat(eve.get("/berth/registry/webhooks").status()).isEqualTo(403);
        assertThat(admin.get("/berth/registry/accounts").text()).doesNotContain("mallory", "$2a$", "assword");
    }

    @Test
    void theLastAdministratorStays() {
        assertThat(admin.delete("/berth/registry/accounts/admin").status()).isEqualTo(400);
        assertThat(admin.patch("/berth/registry/accounts/admin", "{\"disabled\": true}")
                        .status())
                .isEqualTo(400);
        assertThat(admin.patch("/berth/registry/accounts/admin", "{\"administrator\": false}")
                        .status())
                .isEqualTo(400);
        assertThat(admin.get("/berth/registry/accounts").status()).isEqualTo(200);
    }

    @Test
    void badInputIsRefusedAndNothingIsStored() {
        String before = admin.get("/berth/registry/accounts").text()
                + admin.get("/berth/registry/policies").text();
        for (String body : List.of(
                "",
                "x",
                "[]",
                "null",
                "{}",
                "{\"name\": \"a\"",
                "{\"name\": \"A\"}",
                "{\"name\": \"../a\"}",
                "{\"name\": \"robot+a\"}",
                "{\"name\": \"a b\"}",
                "{\"name\": \"" + "a".repeat(65) + "\"}",
                "{\"name\": \"short\", \"password\": \"1234567\"}",
                "{\"name\": \"long\", \"password\": \"" + "x".repeat(73) + "\"}",
                "{\"name\": \"a\", \"id\": 1}",
                "{\"name\": \"a\", \"groups\": [\"a b\"]}",
                "{\"name\": \"a\", \"groups\": [null]}",
                "{\"name\": \"a\"} x")) {
            assertThat(admin.post("/berth/registry/accounts", body).status())
                    .as(body)
                    .isEqualTo(400);
        }
        assertThat(admin.post("/berth/registry/accounts", "{\"name\": \"" + " ".repeat(64 * 1024) + "\"}")
                        .status())
                .isEqualTo(413);
        for (String body : List.of(
                "{}",
                "{\"repositories\": \"a\", \"grantee\": \"anyone\", \"actions\": [\"push\"]}",
                "{\"repositories\": \"a\", \"grantee\": \"anyone\", \"actions\": []}",
                "{\"repositories\": \"a\", \"grantee\": \"everyone\", \"actions\": [\"pull\"]}",
                "{\"repositories\": \"a//b\", \"grantee\": \"user:a\", \"actions\": [\"pull\"]}",
                "{\"repositories\": \"**/a\", \"grantee\": \"user:a\", \"actions\": [\"pull\"]}",
                "{\"repositories\": \"A\", \"grantee\": \"user:a\", \"actions\": [\"pull\"]}",
                "{\"repositories\": \"a\", \"grantee\": \"user:a\", \"actions\": [\"*\"]}")) {
            assertThat(admin.post("/berth/registry/policies", body).status())
                    .as(body)
                    .isEqualTo(400);
        }
        for (String body : List.of(
                "{\"name\": \"a\", \"url\": \"ftp://x/\"}",
                "{\"name\": \"a\", \"url\": \"http://u:p@x/\"}",
                "{\"name\": \"a\", \"url\": \"file:///etc/passwd\"}",
                "{\"name\": \"a\", \"url\": \"http://x/a b\"}",
                "{\"name\": \"a\"}",
                "{\"name\": \"a\", \"url\": \"http://x/\", \"changes\": [\"x\"]}",
                "{\"name\": \"a\", \"url\": \"http://x/\", \"changes\": []}")) {
            assertThat(admin.post("/berth/registry/webhooks", body).status())
                    .as(body)
                    .isEqualTo(400);
        }
        for (String query : List.of("?n=x", "?n=-1", "?before=1%20or%201=1", "?n=99999999999999999999")) {
            assertThat(admin.get("/berth/registry/audit" + query).status())
                    .as(query)
                    .isEqualTo(400);
        }
        assertThat(admin.delete("/berth/registry/policies/x").status()).isEqualTo(404);
        assertThat(admin.delete("/berth/registry/policies/999999").status()).isEqualTo(404);
        assertThat(admin.delete("/berth/registry/webhooks/none").status()).isEqualTo(404);
        assertThat(admin.get("/berth/registry/accounts").text()
                        + admin.get("/berth/registry/policies").text())
                .isEqualTo(before);
    }

    @Test
    void everyChangeIsInTheAuditLog() {
        Person carol = account("carol");
        admin.post("/berth/registry/policies", """
                {"repositories": "audited/**", "grantee": "user:carol", "actions": ["pull", "push", "delete"]}""");
        Answer robot = admin.post("/berth/registry/robots", """
                {"name": "audited", "grants": [{"repositories": "audited/a", "actions": ["pull"]}]}""");
        secrets.add(Person.json(robot).path("secret").asString());
        push(carol, "audited/a", "1");
        assertThat(carol.delete("/v2/audited/a/manifests/1").status()).isEqualTo(202);

        JsonNode entries =
                Person.json(admin.get("/berth/registry/audit?target=audited/a")).path("entries");
        List<String> actions = entries.valueStream()
                .map(entry -> entry.path("action").asString())
                .toList();
        assertThat(actions).containsExactly("tag.delete", "manifest.push", "blob.push");
        assertThat(entries.get(0).path("subject").asString()).isEqualTo("user:carol");
        assertThat(entries.get(0).path("address").asString()).isEqualTo("10.1.2.3");
        assertThat(entries.get(0).path("detail").asString()).isEqualTo("tag=1");
        assertThat(entries.get(1).path("detail").asString()).contains("digest=sha256:", "tags=1");
        String administration =
                admin.get("/berth/registry/audit?subject=user:admin&n=1000").text();
        assertThat(administration)
                .contains("account.create", "policy.grant", "robot.create")
                .doesNotContain(secrets);
        assertThat(Person.json(admin.get("/berth/registry/audit?subject=registry&n=1000"))
                        .toString())
                .contains("account.create");
        Answer page = admin.get("/berth/registry/audit?n=1");
        assertThat(Person.json(page).path("entries")).hasSize(1);
        assertThat(page.header("Link")).matches("</berth/registry/audit\\?n=1&before=\\d+>; rel=\"next\"");
        // A filter that nobody thought of is none (CVE-2019-19026, CVE-2024-22261).
        assertThat(admin.get("/berth/registry/audit?subject=%27%20or%20%27%27=%27")
                        .text())
                .contains("\"entries\":[]");
    }

    private void push(Person person, String repository, String tag) {
        String config = "{}";
        String digest = Digest.sha256(bytes(config)).toString();
        Answer blob = person.send(
                "POST",
                "/v2/" + repository + "/blobs/uploads/?digest=" + digest,
                "application/octet-stream",
                bytes(config));
        assertThat(blob.status()).as(blob.text()).isEqualTo(201);
        Answer manifest = person.send(
                "PUT",
                "/v2/" + repository + "/manifests/" + tag,
                "application/vnd.oci.image.manifest.v1+json",
                bytes("""
                {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                 "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": "%s", "size": 2}, "layers": []}""".formatted(digest)));
        assertThat(manifest.status()).as(manifest.text()).isEqualTo(201);
    }

    private Told next() throws InterruptedException {
        Told next = told.poll(20, TimeUnit.SECONDS);
        assertThat(next).as("webhook call").isNotNull();
        return next;
    }

    @Test
    void webhooksAreToldUntilTheyHaveHeard() throws Exception {
        String url = "http://127.0.0.1:" + listener.getAddress().getPort() + "/hook";
        assertThat(admin.post("/berth/registry/webhooks", """
                {"name": "ci", "url": "%s", "secret": "%s", "repositories": "hooked/**",
                 "changes": ["manifest.push", "tag.delete"]}""".formatted(url, SECRET))
                        .status())
                .isEqualTo(201);
        assertThat(admin.get("/berth/registry/webhooks").text())
                .contains("\"signed\":true")
                .doesNotContain(SECRET);
        failures.set(2);
        long began = System.nanoTime();

        push(admin, "hooked/app", "1");
        push(admin, "other/app", "1");

        Told first = next();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(600));
        JsonNode event = JsonMapper.shared().readTree(first.body());
        assertThat(event.path("change").asString()).isEqualTo("manifest.push");
        assertThat(event.path("repository").asString()).isEqualTo("hooked/app");
        assertThat(event.path("subject").asString()).isEqualTo("user:admin");
        assertThat(event.path("detail").path("tags").asString()).isEqualTo("1");
        assertThat(event.path("id").asString()).isEqualTo(first.id());
        assertThat(first.signature()).isEqualTo("sha256=" + hmac(first.body()));
        assertThat(told.poll(2, TimeUnit.SECONDS)).isNull();

        assertThat(admin.delete("/berth/registry/webhooks/ci").status()).isEqualTo(204);
    }

    /** What was not told yet outlives the process; and a second start makes no second password. */
    @Test
    void aRestartForgetsNothing(@TempDir Path first, @TempDir Path second) throws Exception {
        String[] settings = {
            "--berth.registry.access=private",
            "--berth.registry.webhook.allow-private=true",
            "--berth.registry.webhook.first-retry=200ms"
        };
        String url = "http://127.0.0.1:" + listener.getAddress().getPort() + "/hook";
        String password;
        failures.set(Integer.MAX_VALUE);
        try (TestRegistry before = TestRegistry.start(first, settings)) {
            password = Files.readString(before.data().resolve("admin-password")).strip();
            secrets.add(password);
            Person person = Person.administrator(before);
            assertThat(person.post("/berth/registry/webhooks", "{\"name\": \"ci\", \"url\": \"" + url + "\"}")
                            .status())
                    .isEqualTo(201);
            push(person, "restarted/app", "1");
            assertThat(person.get("/berth/registry/webhooks").text()).contains("\"pending\":2");
        }
        failures.set(0);
        Files.createSymbolicLink(second.resolve("data"), first.resolve("data"));
        try (TestRegistry after = TestRegistry.start(second, settings)) {
            List<String> bodies = List.of(next().body(), next().body());
            assertThat(bodies).anyMatch(body -> body.contains("blob.push"));
            assertThat(bodies).anyMatch(body -> body.contains("manifest.push"));
            assertThat(Files.readString(after.data().resolve("admin-password")).strip())
                    .isEqualTo(password);
            assertThat(Person.administrator(after).get("/v2/").status()).isEqualTo(200);
        }
    }

    private static String hmac(String body) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(bytes(SECRET), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(bytes(body)));
    }
}
