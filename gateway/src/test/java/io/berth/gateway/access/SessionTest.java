package io.berth.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.access.account.Members;
import io.berth.gateway.access.account.Tokens;
import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.PrivateGateway;
import io.berth.gateway.fixture.Wire;
import io.berth.login.LoginThrottle;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Logging in to the dashboard, and what a session is good for. */
@ExtendWith(LeakWatch.class)
@Timeout(120)
class SessionTest {
    private static final Pattern CSRF = Pattern.compile("\"csrf\":\"([0-9a-f]{32})\"");

    @TempDir
    static Path directory;

    private static PrivateGateway gateway;

    @BeforeAll
    static void start() {
        gateway = new PrivateGateway(directory);
        gateway.project("shop");
        gateway.user("alice", Role.DEVELOPER, "shop");
        gateway.user("root", Role.OPERATOR);
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static Wire.Message login(String user, String password) {
        return gateway.ask("POST /api/session", "", "{\"user\":\"" + user + "\",\"password\":\"" + password + "\"}");
    }

    private static String cookie(Wire.Message login) {
        assertThat(login.status()).as(login.body()).isEqualTo(200);
        String set = login.header("Set-Cookie");
        assertThat(set)
                .startsWith("berth_session=berths_")
                .contains("; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200")
                .doesNotContain("Secure");
        return "Cookie: theme=dark; " + set.substring(0, set.indexOf(';')) + "\n";
    }

    private static String csrf(Wire.Message message) {
        Matcher found = CSRF.matcher(message.body());
        assertThat(found.find()).as(message.body()).isTrue();
        return found.group(1);
    }

    @Test
    void nobodyIsLoggedInBefore() {
        Wire.Message nobody = gateway.ask("GET /api/session", "", "");
        assertThat(nobody.status()).isEqualTo(401);
        assertThat(nobody.body()).isEqualTo("{\"message\":\"nobody is logged in\"}");
        assertThat(gateway.ask("GET /api/platform", "", "").status()).isEqualTo(401);
    }

    @Test
    void aLoginTellsWhoAndForWhat() {
        Wire.Message login = login("alice", PrivateGateway.PASSWORD);
        String cookie = cookie(login);
        assertThat(login.body())
                .startsWith(
                        "{\"name\":\"alice\",\"role\":\"developer\",\"projects\":[\"shop\"],\"source\":\"session\"");
        Wire.Message session = gateway.ask("GET /api/session", cookie, "");
        assertThat(session.body()).isEqualTo(login.body());
        assertThat(session.header("Cache-Control")).isEqualTo("no-store");
    }

    @Test
    void wrongPasswordsAndUnknownNamesAreAnsweredAlike() {
        Wire.Message wrong = login("root", "wrong horse");
        Wire.Message unknown = login("nobody", PrivateGateway.PASSWORD);
        assertThat(wrong.status()).isEqualTo(401);
        assertThat(unknown.body()).isEqualTo(wrong.body());
        assertThat(wrong.header("Set-Cookie")).isEmpty();
    }

    @Test
    void whoGuessesHasToWait() {
        gateway.user("guessed", Role.VIEWER, "shop");
        int refused = 0;
        for (int i = 0; i < 12 && refused == 0; i++) {
            Wire.Message answer =
                    gateway.ask("POST /api/session", "", "{\"user\":\"guessed\",\"password\":\"wrong " + i + "\"}");
            refused = answer.status() == 429 ? i : 0;
        }
        assertThat(refused).isPositive();
        // The address has used up its tries with the name: what follows in this class must not wait for it.
        forgiveTheAddress();
        assertThat(login("guessed", PrivateGateway.PASSWORD).status()).isEqualTo(429);
        assertThat(login("alice", PrivateGateway.PASSWORD).status()).isEqualTo(200);
    }

    private static void forgiveTheAddress() {
        var _ = gateway.bean(LoginThrottle.class)
                .attempt(
                        List.of(new LoginThrottle.Subject("address 127.0.0.1", Integer.MAX_VALUE, true)),
                        () -> Optional.of("right"));
    }

    @Test
    void wrongTokensAreCountedOfTheirAddressOnly() {
        String wrong = "{\"token\":\"berth_wrong\"}";
        int status = 401;
        for (int i = 0; i < 12 && status == 401; i++) {
            status = gateway.ask("POST /api/session", "", wrong).status();
        }
        assertThat(status).isEqualTo(429);
        forgiveTheAddress();
        String token = gateway.token("door", Role.VIEWER, "shop");
        assertThat(gateway.ask("POST /api/session", "", "{\"token\":\"" + token + "\"}")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aChangeShowsThatItComesFromThePage() {
        Wire.Message login = login("root", PrivateGateway.PASSWORD);
        String cookie = cookie(login);
        assertThat(gateway.ask("DELETE /api/session", cookie, "").status()).isEqualTo(403);
        assertThat(gateway.ask("DELETE /api/session", cookie + "X-CSRF-Token: 00\n", "")
                        .status())
                .isEqualTo(403);
        assertThat(gateway.ask("DELETE /api/session", cookie + "X-CSRF-Token: " + csrf(login) + "\n", "")
                        .status())
                .isEqualTo(204);
        assertThat(gateway.ask("GET /api/session", cookie, "").status()).isEqualTo(401);
    }

    @Test
    void aTokenLogsInAndTakesItsSessionsWithIt() {
        String token = gateway.token("kiosk", Role.VIEWER, "shop");
        Wire.Message login = gateway.ask("POST /api/session", "", "{\"token\":\"" + token + "\"}");
        String cookie = cookie(login);
        assertThat(login.body()).contains("\"name\":\"kiosk\",\"role\":\"viewer\"");
        Tokens tokens = gateway.bean(Tokens.class);
        tokens.revoke(tokens.named("kiosk", "").orElseThrow().id());
        assertThat(gateway.ask("GET /api/session", cookie, "").status()).isEqualTo(401);
    }

    @Test
    void aSessionOutlivesARestartAndEndsWithThePassword() {
        gateway.user("carol", Role.OPERATOR);
        String cookie = cookie(login("carol", PrivateGateway.PASSWORD));
        gateway.restart();
        assertThat(gateway.ask("GET /api/session", cookie, "").status()).isEqualTo(200);
        gateway.bean(Members.class).change("carol", new Members.Changes("another horse", null, null, null));
        assertThat(gateway.ask("GET /api/session", cookie, "").status()).isEqualTo(401);
        assertThat(login("carol", "another horse").status()).isEqualTo(200);
    }

    @Test
    void whatAUserMayIsAskedEachTime() {
        gateway.user("dave", Role.OPERATOR);
        String cookie = cookie(login("dave", PrivateGateway.PASSWORD));
        assertThat(gateway.ask("GET /api/platform", cookie, "").status()).isEqualTo(200);
        Members members = gateway.bean(Members.class);
        members.change("dave", new Members.Changes(null, Role.VIEWER, List.of("shop"), null));
        assertThat(gateway.ask("GET /api/session", cookie, "").body()).contains("\"role\":\"viewer\"");
        members.change("dave", new Members.Changes(null, null, null, true));
        assertThat(gateway.ask("GET /api/session", cookie, "").status()).isEqualTo(401);
    }

    @Test
    void pagesOfOtherSitesCannotLogIn() {
        assertThat(gateway.ask(
                                "POST /api/session",
                                "Origin: http://evil.example\n",
                                "{\"user\":\"alice\",\"password\":\"" + PrivateGateway.PASSWORD + "\"}")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void healthSaysLittleToStrangers() {
        Wire.Message health = gateway.ask("GET /health", "", "");
        assertThat(health.status()).isEqualTo(503);
        assertThat(health.body()).isEqualTo("{\"status\":\"DOWN\"}");
        String cookie = cookie(login("root", PrivateGateway.PASSWORD));
        assertThat(gateway.ask("GET /health", cookie, "").body()).contains("\"services\"");
    }
}
