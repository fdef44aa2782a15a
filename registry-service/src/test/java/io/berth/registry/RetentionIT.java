package io.berth.registry;

import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tags that go by themselves. */
class RetentionIT {
    private static final String RULE = "--berth.registry.retention.rules[0].";

    @TempDir
    static Path directory;

    private static TestRegistry registry(String name, String... settings) throws IOException {
        return TestRegistry.start(Files.createDirectories(directory.resolve(name)), settings);
    }

    private static void push(TestRegistry registry, String name, String tag) {
        Digest config = registry.blob(name, bytes("{\"tag\":\"" + tag + "\"}"));
        Answer answer = registry.put("/v2/" + name + "/manifests/" + tag, MediaType.OCI_MANIFEST, bytes("""
            {"schemaVersion":2,"mediaType":"%s","config":
            {"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},"layers":[]}\
            """.formatted(
                        MediaType.OCI_MANIFEST, config, bytes("{\"tag\":\"" + tag + "\"}").length)));
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    }

    private static String tags(TestRegistry registry, String name) {
        return registry.get("/v2/" + name + "/tags/list").text();
    }

    private static String run(TestRegistry registry) {
        Answer answer =
                registry.send("POST", "/actuator/retention", Map.of("Content-Type", "application/json"), bytes("{}"));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.text();
    }

    @Test
    void removesWhatNoRuleKeepsAndNothingElse() throws IOException {
        try (TestRegistry registry = registry(
                "keep",
                RULE + "prefix=team",
                RULE + "tags=pr-.*",
                RULE + "keep=1",
                "--berth.registry.retention.delay=0s",
                "--berth.registry.limits.immutable-tags[0].tags=pr-0")) {
            push(registry, "team/app", "pr-0");
            push(registry, "team/app", "pr-1");
            push(registry, "team/app", "pr-2");
            push(registry, "team/app", "v1");
            push(registry, "others", "pr-1");
            push(registry, "others", "pr-2");

            assertThat(registry.get("/actuator/retention").text()).contains("\"tag\":\"pr-1\"");
            assertThat(registry.get("/berth/registry/retention").text())
                    .as("the same for a dashboard")
                    .contains("\"tag\":\"pr-1\"")
                    .doesNotContain("pr-0", "pr-2", "v1");
            assertThat(tags(registry, "team/app"))
                    .as("a preview removes nothing")
                    .contains("pr-1");
            assertThat(run(registry)).contains("\"removed\":true");
            assertThat(tags(registry, "team/app")).contains("[\"pr-0\",\"pr-2\",\"v1\"]");
            assertThat(tags(registry, "others")).contains("[\"pr-1\",\"pr-2\"]");
        }
    }

    @Test
    void whatIsPulledStays() throws IOException {
        try (TestRegistry registry =
                registry("pulled", RULE + "pulled-within=1d", "--berth.registry.retention.delay=0s")) {
            push(registry, "app", "used");
            push(registry, "app", "unused");
            assertThat(registry.get("/v2/app/manifests/used").status()).isEqualTo(200);
            run(registry);
            assertThat(tags(registry, "app")).contains("[\"used\"]");
        }
    }

    @Test
    void aTagGoesAfterTheDelayOnly() throws IOException {
        try (TestRegistry registry = registry("delay", RULE + "keep=1", "--berth.registry.retention.delay=1h")) {
            push(registry, "app", "1");
            push(registry, "app", "2");
            String first = run(registry);
            assertThat(first).contains("\"tag\":\"1\"").contains("\"removed\":false");
            assertThat(run(registry)).as("the time stays").isEqualTo(first);
            push(registry, "app", "1"); // which makes it the last one
            assertThat(run(registry)).contains("\"tag\":\"2\"").doesNotContain("\"tag\":\"1\"");
        }
    }

    @Test
    void aDryRunOnlySays() throws IOException {
        try (TestRegistry registry = registry(
                "dry",
                RULE + "keep=1",
                "--berth.registry.retention.delay=0s",
                "--berth.registry.retention.dry-run=true")) {
            push(registry, "app", "1");
            push(registry, "app", "2");
            assertThat(run(registry)).contains("\"tag\":\"1\"").contains("\"removed\":false");
            assertThat(tags(registry, "app")).contains("[\"1\",\"2\"]");
        }
    }
}
