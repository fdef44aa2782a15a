package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One page has the metrics of all services and containers, the sample dashboard asks for nothing else, and logs name the request. */
@CompatTest
@BerthOnly
@OwnPlatform
class MetricsIT {
    /** A sample line of the text format: name, labels, value. */
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{.*})? (\\S+)");

    private final Target target;
    private final GatewayPlatform platform = GatewayPlatform.running();

    MetricsIT(Target target) {
        this.target = target;
    }

    @Test
    void onePageTellsOfServicesAndContainers() throws IOException {
        DockerCli docker = platform.berth().docker();
        Target.importImage(docker, target.rootFileSystem());
        String id = docker.ok("run", "-d", "--name", "measured", "-m", "64m", Target.IMAGE, "sleep", "1000");
        try {
            assertThat(platform.http().get("/v2/").status()).isEqualTo(200);
            assertThat(platform.http().get("/nowhere").status()).isEqualTo(404);
            // Under load a service may once need longer than the two seconds that it has for its part of the page.
            AtomicReference<String> told = new AtomicReference<>("");
            Eventually.holds(
                    Duration.ofSeconds(30),
                    () -> {
                        told.set(platform.http().get("/metrics").body());
                        return !Pattern.compile("berth_service_up\\{.*} 0\\.0")
                                .matcher(told.get())
                                .find();
                    },
                    told::get);
            String page = told.get();
            for (String service : List.of("gateway", "engine", "image", "registry")) {
                assertThat(page).contains("berth_service_up{service=\"" + service + "\"} 1.0");
                assertThat(page).containsPattern("jvm_memory_used_bytes\\{service=\"" + service + "\"");
            }
            String labels = "{id=\"" + id + "\",name=\"measured\",image=\"" + Target.IMAGE + "\"} ";
            assertThat(page)
                    .contains("berth_container_memory_limit_bytes" + labels + 6.7108864E7)
                    .contains("berth_container_pids" + labels + "1.0")
                    .containsPattern(Pattern.quote("berth_container_memory_bytes" + labels) + "[1-9]")
                    .containsPattern(Pattern.quote("berth_container_cpu_seconds_total" + labels) + "[0-9]");
            assertWellFormed(page);
            assertDashboardIsFed(page);
        } finally {
            docker.ok("rm", "-f", id);
            docker.ok("rmi", "-f", Target.IMAGE);
        }
    }

    /** Each family is in one piece, and each line is a comment or a sample. */
    private static void assertWellFormed(String page) {
        Set<String> families = new HashSet<>();
        for (String line : page.lines().toList()) {
            if (line.startsWith("# TYPE ")) {
                assertThat(families.add(line.split(" ")[2])).as(line).isTrue();
            } else if (!line.startsWith("#")) {
                assertThat(line).matches(SAMPLE);
            }
        }
    }

    private static void assertDashboardIsFed(String page) throws IOException {
        Set<String> names = new HashSet<>();
        for (String line : page.lines().toList()) {
            Matcher sample = SAMPLE.matcher(line);
            if (sample.matches()) {
                names.add(sample.group(1));
            }
        }
        JsonNode dashboard = new JsonMapper()
                .readTree(Files.readString(
                        Path.of(System.getProperty("berth.root"), "examples", "grafana", "berth.json")));
        List<String> asked = new ArrayList<>();
        dashboard.findValuesAsString("expr").forEach(expression -> {
            Matcher word =
                    Pattern.compile("\\b(berth|jvm|resilience4j)_[a-z0-9_]+").matcher(expression);
            while (word.find()) {
                asked.add(word.group());
            }
        });
        assertThat(asked).hasSizeGreaterThan(20);
        assertThat(names).containsAll(asked);
    }

    @Test
    void oneRequestIdIsInTheLogsOfAllServicesThatTookPart() {
        String id = "follow-me-" + System.nanoTime();
        Target.importImage(platform.berth().docker(), target.rootFileSystem());
        RawHttp.Response created = platform.http()
                .send(
                        "POST",
                        "/containers/create",
                        Map.of("Content-Type", "application/json", "X-Request-Id", id),
                        ("{\"Image\":\"" + Target.IMAGE + "\",\"Cmd\":[\"true\"]}").getBytes(StandardCharsets.UTF_8));
        assertThat(created.status()).as(created.body()).isEqualTo(201);
        assertThat(created.header("X-Request-Id")).isEqualTo(id);
        platform.berth().docker().ok("rm", created.json().path("Id").asString());
        platform.berth().docker().ok("rmi", "-f", Target.IMAGE);
        for (String service : List.of("gateway", "engine", "image")) {
            Eventually.holds(
                    Duration.ofSeconds(10),
                    () -> lines(service).stream().anyMatch(line -> line.contains("\"requestId\":\"" + id + "\"")),
                    () -> service + " does not name the request");
        }
        // Every line is JSON.
        assertThat(lines("engine"))
                .allSatisfy(line ->
                        assertThat(new JsonMapper().readTree(line).isObject()).isTrue());
    }

    private List<String> lines(String service) {
        try {
            return Files.readAllLines(platform.berth().dataDirectory().resolve("log/" + service + ".log"));
        } catch (IOException e) {
            return List.of();
        }
    }
}
