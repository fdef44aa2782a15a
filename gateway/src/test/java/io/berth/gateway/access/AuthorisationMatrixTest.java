package io.berth.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.gateway.fixture.LeakWatch;
import io.berth.gateway.fixture.Owned;
import io.berth.gateway.fixture.PrivateGateway;
import io.berth.gateway.fixture.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Asks a private gateway for every route in every role, for what is the caller's and for what is another project's, and holds
 * {@code docs/AUTHORISATION.md} to what came of it. {@code -Dauthorisation.write=true} writes the page.
 */
@ExtendWith(LeakWatch.class)
@Timeout(300)
class AuthorisationMatrixTest {
    private static final List<String> COLUMNS =
            List.of("nobody", "viewer, own", "viewer, other's", "developer, own", "developer, other's", "operator");

    @TempDir
    static Path directory;

    private static PrivateGateway gateway;
    private static Owned services;
    private static final Map<String, String> TOKENS = new LinkedHashMap<>();

    @BeforeAll
    static void start() {
        gateway = new PrivateGateway(directory);
        gateway.project("shop");
        gateway.project("other");
        for (Role role : Role.values()) {
            TOKENS.put(role.id(), gateway.token(role.id(), role, "shop"));
        }
        services = new Owned(gateway);
    }

    @AfterAll
    static void stop() {
        services.close();
        gateway.close();
    }

    /** A row of the table: {@code METHOD /path [body]}, where {@code {own}} is replaced by what is named. */
    private record Row(String method, String path, String body) {
        static Row parse(String line) {
            String[] parts = line.split(" ", 3);
            return new Row(parts[0], parts[1], parts.length < 3 ? "" : parts[2]);
        }

        boolean ownable() {
            return (path + body).contains("{x}");
        }

        String ask(String token, String name) {
            Wire.Message answer = gateway.ask(
                    method + " " + path.replace("{x}", name),
                    token.isEmpty() ? "" : "Authorization: Bearer " + token + "\n",
                    body.replace("{x}", name));
            return answer.status() < 300 ? "yes" : String.valueOf(answer.status());
        }

        List<String> results() {
            List<String> results = new ArrayList<>();
            results.add(ask("", "ours"));
            for (Role role : List.of(Role.VIEWER, Role.DEVELOPER)) {
                String token = Objects.requireNonNull(TOKENS.get(role.id()));
                results.add(ask(token, path.contains("/images") || path.contains("/distribution") ? "shop" : "ours"));
                results.add(
                        ownable()
                                ? ask(
                                        token,
                                        path.contains("/images") || path.contains("/distribution") ? "other" : "theirs")
                                : "");
            }
            results.add(ask(Objects.requireNonNull(TOKENS.get("operator")), "theirs"));
            return results;
        }
    }

    private static List<Row> rows() throws IOException {
        try (InputStream in = AuthorisationMatrixTest.class.getResourceAsStream("routes.txt")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(Row::parse)
                    .toList();
        }
    }

    @Test
    void thePageSaysWhatTheGatewayDoes() throws IOException {
        StringBuilder page =
                new StringBuilder("""
                # Who may do what

                What a gateway answered in `private` mode, made by
                [AuthorisationMatrixTest](../gateway/src/test/java/io/berth/gateway/access/AuthorisationMatrixTest.java), which asks each
                route in each role by TCP. *own*: it belongs to a project of the caller's; *other's*: to another project. *yes*: the request
                reaches its service; otherwise the status. Where a list is *yes*, it shows the caller's own. Bodies are Docker's smallest;
                what of a body is refused to developers is in [ADR 23](adr/0023-segregation-of-duties.md), what subnets they may choose, which the
                engine decides, in [ADR 37](adr/0037-subnets-and-the-hosts-routes.md). The registry (`/v2/`) decides by itself, from the identity that the gateway gives it.

                | request | %s |
                |---|%s
                """.formatted(String.join(" | ", COLUMNS), "---|".repeat(COLUMNS.size())));
        for (Row row : rows()) {
            List<String> results = row.results();
            assertThat(results.getLast()).as("operator: %s", row).isEqualTo("yes");
            if (isCredentialNeeded(row)) {
                assertThat(results.getFirst()).as("nobody: %s", row).isEqualTo("401");
            }
            String shown = (row.method() + " " + row.path()).replace("{x}", "…");
            page.append("| `")
                    .append(shown)
                    .append("` | ")
                    .append(String.join(" | ", results))
                    .append(" |\n");
        }
        Path file = Path.of(System.getProperty("berth.root", "..")).resolve("docs/AUTHORISATION.md");
        if (Boolean.getBoolean("authorisation.write")) {
            Files.writeString(file, page.toString());
        }
        assertThat(Files.readString(file))
                .as("docs/AUTHORISATION.md is not what the gateway does; write it with -Dauthorisation.write=true")
                .isEqualTo(page.toString());
    }

    /** What strangers may ask: whether it lives, the pages before a login, and the registry, which has its own 401. */
    private static boolean isCredentialNeeded(Row row) {
        return !row.path().endsWith("/_ping")
                && !row.path().startsWith("/v2/")
                && !row.path().startsWith("/v1/search")
                && !row.path().equals("/ui");
    }
}
