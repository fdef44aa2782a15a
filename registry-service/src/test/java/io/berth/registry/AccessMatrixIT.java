package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.registry.TestRegistry.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Who may do what where: every role, every action, every kind of repository, by password and by token. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessMatrixIT {
    private static final String PASSWORD = "correct horse";
    private static final Digest BLOB = Digest.sha256(bytes("content"));
    private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";

    @TempDir
    static Path directory;

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private TestRegistry registry;

    @SuppressWarnings("NullAway.Init") // set before any test runs
    private Person admin;

    private final Map<String, Person> people = new LinkedHashMap<>();

    /** Kinds of repositories: granted by name, granted below a prefix, open to be pulled, and none that exists. */
    private static final List<String> REPOSITORIES = List.of("team/app", "team/deep/er", "public/app", "team/none");

    @BeforeAll
    void start() throws IOException {
        registry = TestRegistry.start(directory, "--berth.registry.access=private");
        admin = Person.administrator(registry);
        for (String name : List.of("stranger", "puller", "pusher", "deleter", "member", "disabled")) {
            String groups = name.equals("member") ? "[\"devs\"]" : "[]";
            created(admin.post("/berth/registry/accounts", """
                    {"name": "%s", "password": "%s", "groups": %s}""".formatted(name, PASSWORD, groups)));
            people.put(name, Person.login(registry, name, PASSWORD));
        }
        grant("team/*", "user:puller", "pull");
        grant("team/**", "user:pusher", "pull\", \"push");
        grant("team/**", "user:deleter", "pull\", \"push\", \"delete");
        grant("team/**", "group:devs", "pull");
        grant("public/**", "anyone", "pull");
        grant("**", "user:disabled", "pull\", \"push\", \"delete");
        assertThat(admin.patch("/berth/registry/accounts/disabled", "{\"disabled\": true}")
                        .status())
                .isEqualTo(204);
        Answer robot = admin.post("/berth/registry/robots", """
                {"name": "ci", "grants": [{"repositories": "team/app", "actions": ["push"]}]}""");
        created(robot);
        people.put(
                "robot",
                Person.login(
                        registry, "robot+ci", Person.json(robot).path("secret").asString()));
        people.put("anonymous", Person.anonymous(registry));
        people.put("admin", admin);
        people.put("operator", Person.operator(registry));
    }

    private Person person(String name) {
        return Objects.requireNonNull(people.get(name));
    }

    @AfterAll
    void stop() {
        registry.close();
    }

    private static void created(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    }

    private void grant(String repositories, String grantee, String actions) {
        created(admin.post("/berth/registry/policies", """
                {"repositories": "%s", "grantee": "%s", "actions": ["%s"]}""".formatted(repositories, grantee, actions)));
    }

    /** The specification of this registry's access, in words: what is not here is refused. */
    private static boolean allowed(String who, String action, String repository) {
        Set<String> all = Set.of("admin", "operator");
        if (all.contains(who)) {
            return true;
        }
        if (repository.startsWith("public/")) {
            // What anyone may do, accounts and robots may, too; a disabled account is nobody at all.
            return action.equals("pull") && !who.equals("disabled");
        }
        return switch (who) {
            case "puller" -> action.equals("pull") && !repository.equals("team/deep/er");
            case "pusher" -> !action.equals("delete");
            case "deleter" -> true;
            case "member" -> action.equals("pull");
            case "robot" -> action.equals("push") && repository.equals("team/app");
            default -> false;
        };
    }

    private record Try(String action, String method, String path) {}

    /** Every endpoint of a repository. */
    private static List<Try> tries(String repository) {
        String at = "/v2/" + repository;
        List<Try> tries = new ArrayList<>();
        for (String method : List.of("GET", "HEAD")) {
            tries.add(new Try("pull", method, at + "/manifests/1"));
            tries.add(new Try("pull", method, at + "/manifests/" + BLOB));
            tries.add(new Try("pull", method, at + "/blobs/" + BLOB));
            tries.add(new Try("pull", method, at + "/tags/list"));
            tries.add(new Try("pull", method, at + "/referrers/" + BLOB));
        }
        String session = "/blobs/uploads/3f2a5a5e-5a5e-4a5e-8a5e-5a5e5a5e5a5e";
        tries.add(new Try("push", "POST", at + "/blobs/uploads/"));
        tries.add(new Try("push", "POST", at + "/blobs/uploads"));
        tries.add(new Try("push", "GET", at + session));
        tries.add(new Try("push", "PATCH", at + session));
        tries.add(new Try("push", "PUT", at + session + "?digest=" + BLOB));
        tries.add(new Try("push", "DELETE", at + session));
        tries.add(new Try("push", "PUT", at + "/manifests/other"));
        tries.add(new Try("push", "PUT", at + "/manifests/" + BLOB + "?tag=x"));
        tries.add(new Try("delete", "DELETE", at + "/manifests/none"));
        tries.add(new Try("delete", "DELETE", at + "/manifests/" + BLOB));
        tries.add(new Try("delete", "DELETE", at + "/blobs/" + Digest.sha256(bytes("nothing"))));
        return tries;
    }

    @Test
    void everyRoleMayDoExactlyWhatItsPoliciesGrant() {
        registry.blob("team/app", bytes("content"));
        registry.blob("team/deep/er", bytes("content"));
        registry.blob("public/app", bytes("content"));
        int checked = 0;
        for (Map.Entry<String, Person> person : people.entrySet()) {
            String who = person.getKey();
            for (String repository : REPOSITORIES) {
                // Asking for everything: the token is for what there is to be had.
                Person bearer = who.equals("disabled")
                        ? person.getValue()
                        : person.getValue().withToken("repository:" + repository + ":pull,push,delete");
                for (Try asked : tries(repository)) {
                    check(who, person.getValue(), repository, asked);
                    check(who, bearer, repository, asked);
                    checked += 2;
                }
            }
        }
        assertThat(checked).isEqualTo(people.size() * REPOSITORIES.size() * 21 * 2);
    }

    private static void check(String who, Person person, String repository, Try asked) {
        boolean changes = asked.method().startsWith("P");
        int status = person.send(asked.method(), asked.path(), changes ? TYPE : "", null)
                .status();
        String what = who + " " + asked.method() + " " + asked.path();
        if (allowed(who, asked.action(), repository)) {
            assertThat(status).as(what).isNotIn(401, 403);
        } else {
            assertThat(status).as(what).isEqualTo(who.equals("anonymous") || who.equals("disabled") ? 401 : 403);
        }
    }

    @Test
    void aTokenIsGoodForItsScopeOnly() {
        Person pusher = person("pusher").withToken("repository:team/app:pull");

        assertThat(pusher.get("/v2/team/app/tags/list").status()).isEqualTo(200);
        Answer refused = pusher.send("POST", "/v2/team/app/blobs/uploads/", "", new byte[0]);
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.header("WWW-Authenticate"))
                .isEqualTo("Bearer realm=\"http://registry.test:5000/v2/token\",service=\"berth-registry\","
                        + "scope=\"repository:team/app:pull,push\",error=\"insufficient_scope\"");
        assertThat(pusher.get("/v2/team/deep/er/tags/list").status()).isEqualTo(401);
        assertThat(pusher.get("/v2/_catalog").status()).isEqualTo(401);
    }

    @Test
    void existenceDoesNotShowToWhoMayNotPull() {
        registry.blob("team/deep/er", bytes("content"));
        Person stranger = person("stranger");

        Answer there = stranger.head("/v2/team/deep/er/blobs/" + BLOB);
        Answer absent = stranger.head("/v2/team/deep/er/blobs/" + Digest.sha256(bytes("nothing")));
        Answer nowhere = stranger.head("/v2/no/such/blobs/" + BLOB);

        assertThat(List.of(there.status(), absent.status(), nowhere.status())).containsOnly(403);
        // The content is in the store, but no link of this repository names it (CVE-2024-39897, CVE-2026-35172).
        registry.blob("team/app", bytes("elsewhere"));
        String elsewhere = "/blobs/" + Digest.sha256(bytes("elsewhere"));
        assertThat(person("puller").head("/v2/team/app" + elsewhere).status()).isEqualTo(200);
        assertThat(person("puller").head("/v2/public/app" + elsewhere).status()).isEqualTo(404);
        assertThat(person("puller").get("/v2/public/app" + elsewhere).status()).isEqualTo(404);
    }

    @Test
    void mountingNeedsToPullFromTheSource() {
        Digest secret = registry.blob("team/app", bytes("to be mounted"));
        grant("mounts/**", "user:stranger", "pull\", \"push");
        grant("mounts/**", "user:puller", "pull\", \"push");
        String path = "/v2/mounts/x/blobs/uploads/?mount=" + secret + "&from=team/app";

        assertThat(person("stranger").send("POST", path, "", new byte[0]).status())
                .isEqualTo(202);
        assertThat(person("puller").send("POST", path, "", new byte[0]).status())
                .isEqualTo(201);
        // The caller may pull, but this token is not for it.
        Person scoped = person("puller").withToken("repository:mounts/y:pull,push");
        assertThat(scoped.send("POST", path.replace("/x/", "/y/"), "", new byte[0])
                        .status())
                .isEqualTo(202);
        Person both = person("puller").withToken("repository:mounts/y:pull,push", "repository:team/app:pull");
        assertThat(both.send("POST", path.replace("/x/", "/y/"), "", new byte[0])
                        .status())
                .isEqualTo(201);
    }

    @Test
    void anUploadSessionIsItsStartersAlone() {
        String session = person("pusher")
                .send("POST", "/v2/team/app/blobs/uploads/", "", new byte[0])
                .header("Location");

        assertThat(person("deleter").get(session).status()).isEqualTo(404);
        assertThat(person("deleter")
                        .send("PATCH", session, "application/octet-stream", bytes("x"))
                        .status())
                .isEqualTo(404);
        assertThat(person("deleter").delete(session).status()).isEqualTo(404);
        assertThat(person("pusher").get(session).status()).isEqualTo(204);
        assertThat(person("pusher")
                        .get(session.replace("team/app", "team/deep/er"))
                        .status())
                .isEqualTo(404);
    }

    @Test
    void aSearchFindsWhatTheCallerMayPull() {
        for (String repository : List.of("hidden/r11", "team/app", "public/app")) {
            registry.blob(repository, bytes("content"));
        }
        assertThat(found(person("anonymous").get("/v1/search?q=app"))).isEqualTo("[\"public/app\"] of 1");
        assertThat(found(person("puller").get("/v1/search?q=team/app"))).isEqualTo("[\"team/app\"] of 1");
        assertThat(found(person("robot").get("/v1/search?q=team/app"))).isEqualTo("[] of 0");
        assertThat(found(person("operator").get("/v1/search?q=hidden/r11"))).isEqualTo("[\"hidden/r11\"] of 1");
        assertThat(Person.login(registry, "admin", "wrong")
                        .get("/v1/search?q=app")
                        .status())
                .isEqualTo(401);
    }

    private static String found(Answer answer) {
        JsonNode body = Person.json(answer);
        return body.path("results")
                        .valueStream()
                        .map(result -> result.path("name"))
                        .toList() + " of " + body.path("num_results").asLong();
    }

    @Test
    void theCatalogShowsWhatItsReaderMayPull() {
        for (int i = 0; i < 12; i++) {
            registry.blob("hidden/r" + i, bytes("content"));
        }
        registry.blob("team/app", bytes("content"));
        registry.blob("public/app", bytes("content"));
        registry.blob("public/second", bytes("content"));

        assertThat(person("anonymous").get("/v2/_catalog").status()).isEqualTo(401);
        assertThat(person("anonymous").get("/v2/_catalog").header("WWW-Authenticate"))
                .contains("scope=\"registry:catalog:*\"");
        Person token = person("anonymous").withToken("registry:catalog:*");
        assertThat(repositories(token.get("/v2/_catalog"))).isEqualTo("[\"public/app\",\"public/second\"]");
        Answer first = person("robot").get("/v2/_catalog?n=1");
        assertThat(repositories(first)).isEqualTo("[\"public/app\"]");
        assertThat(first.header("Link")).contains("last=public");
        assertThat(repositories(person("puller").get("/v2/_catalog")))
                .contains("team/app")
                .doesNotContain("hidden");
        assertThat(repositories(admin.get("/v2/_catalog"))).contains("hidden/r11");
    }

    private static String repositories(Answer answer) {
        return Person.json(answer).path("repositories").toString();
    }

    @Test
    void whatWasTakenIsGoneWithTheNextRequest() {
        created(admin.post("/berth/registry/accounts", """
                {"name": "leaver", "password": "%s", "groups": ["devs"]}""".formatted(PASSWORD)));
        Person leaver = Person.login(registry, "leaver", PASSWORD);
        Person token = leaver.withToken("repository:team/app:pull");
        assertThat(leaver.get("/v2/team/app/tags/list").status()).isEqualTo(200);
        assertThat(token.get("/v2/team/app/tags/list").status()).isEqualTo(200);

        assertThat(admin.patch("/berth/registry/accounts/leaver", "{\"groups\": []}")
                        .status())
                .isEqualTo(204);

        assertThat(leaver.get("/v2/team/app/tags/list").status()).isEqualTo(403);
        assertThat(token.get("/v2/team/app/tags/list").status()).isEqualTo(403);
    }

    @Test
    void pathsThatNobodyKnowsAreClosed() {
        for (String path : List.of(
                "/v2/token/x",
                "/v2/team/app/unknown",
                "/v2/team/app/manifests;x/1",
                "/v2/team/app/blobs/uploads;x/y",
                "/v2/_catalog;x",
                "/v2/token;x",
                "/berth/registry/accounts",
                "/berth/registry/accounts;x",
                "/berth/registry/robots",
                "/berth/registry/policies",
                "/berth/registry/keys",
                "/berth/registry/audit",
                "/berth/registry/retention",
                "/actuator/metrics",
                "/actuator/health",
                "/error")) {
            assertThat(person("anonymous").get(path).status()).as(path).isEqualTo(401);
            assertThat(person("deleter").get(path).status()).as(path).isEqualTo(403);
            assertThat(person("deleter")
                            .withToken("repository:team/app:pull")
                            .get(path)
                            .status())
                    .as(path)
                    .isEqualTo(401);
        }
        assertThat(admin.get("/berth/registry/accounts").status()).isEqualTo(200);
        // A leaked token of an administrator's build must not open the administration.
        assertThat(admin.withToken("registry:catalog:*")
                        .get("/berth/registry/accounts")
                        .status())
                .isEqualTo(401);
    }

    @Test
    void clientsAreSentToTheTokenEndpoint() {
        Answer refused = person("anonymous").get("/v2/");

        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.header("WWW-Authenticate"))
                .isEqualTo("Bearer realm=\"http://registry.test:5000/v2/token\",service=\"berth-registry\"");
        assertThat(refused.header("Docker-Distribution-API-Version")).isEqualTo("registry/2.0");
        assertThat(refused.text()).contains("\"code\":\"UNAUTHORIZED\"");
        assertThat(person("anonymous").withToken().get("/v2/").status()).isEqualTo(200);
        assertThat(person("stranger").get("/v2/").status()).isEqualTo(200);
        assertThat(person("disabled").get("/v2/").status()).isEqualTo(401);
        assertThat(Person.login(registry, "nobody", "x").get("/v2/").status()).isEqualTo(401);
        assertThat(person("operator").get("/v2/").status()).isEqualTo(200);
    }
}
