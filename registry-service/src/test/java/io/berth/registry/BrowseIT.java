package io.berth.registry;

import static io.berth.registry.Answers.assertRefused;
import static io.berth.registry.Answers.json;
import static io.berth.registry.Answers.pages;
import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Search, lists for the dashboard, and metrics. */
@RegistryTest
class BrowseIT {
    private final TestRegistry registry;

    BrowseIT(TestRegistry registry) {
        this.registry = registry;
    }

    @Test
    void searchAnswersAsDockersIndexDoes() {
        for (String name : List.of("look/alpha", "look/beta", "look/al_ha")) {
            TestImage.of(registry, name, "x").push(registry, "1").push(registry, "2");
        }
        JsonNode found = json(registry.get("/v1/search?q=look/&n=2"));
        assertThat(found.get("num_results").asInt()).isEqualTo(3);
        assertThat(found.get("num_pages").asInt()).isEqualTo(2);
        assertThat(names(found.get("results"))).containsExactly("look/al_ha", "look/alpha");
        assertThat(found.get("results").get(0).get("description").asString()).isEqualTo("2 tags");
        assertThat(found.get("results").get(0).get("star_count").isInt()).isTrue();
        assertThat(found.get("results").get(0).get("is_official").asBoolean()).isFalse();
        JsonNode second = json(registry.get("/v1/search?q=look/&n=2&page=2"));
        assertThat(names(second.get("results"))).containsExactly("look/beta");
        // What databases take for wildcards is not.
        assertThat(names(json(registry.get("/v1/search?q=l_ha")).get("results")))
                .containsExactly("look/al_ha");
        assertThat(names(json(registry.get("/v1/search?q=look%25")).get("results")))
                .isEmpty();
        assertRefused(registry.get("/v1/search?q=a&n=0"), 400, "UNSUPPORTED");
        assertRefused(registry.get("/v1/search?q=a&page=x"), 400, "UNSUPPORTED");
        assertRefused(registry.get("/v1/search?q=%00"), 400, "UNSUPPORTED");
    }

    @Test
    void repositoriesAreListedWithTheirSizes() {
        Instant before = Instant.now().minusSeconds(1);
        TestImage image = TestImage.of(registry, "browse/one", "sized").push(registry, "1");
        registry.blob("browse/two", bytes("1234567"));
        List<JsonNode> all = new ArrayList<>();
        pages(registry, "/berth/registry/repositories?q=browse/&n=1")
                .forEach(page -> page.get("repositories").forEach(all::add));
        assertThat(all).hasSize(2);
        assertThat(all.get(0).get("name").asString()).isEqualTo("browse/one");
        assertThat(all.get(0).get("tags").asInt()).isEqualTo(1);
        assertThat(all.get(0).get("manifests").asInt()).isEqualTo(1);
        assertThat(all.get(0).get("sizeBytes").asLong()).isEqualTo(blobs("sized"));
        assertThat(Instant.parse(all.get(0).get("changedAt").asString())).isBetween(before, Instant.now());
        assertThat(all.get(1).get("sizeBytes").asLong()).isEqualTo(7);
        assertThat(image.content()).isNotEmpty();
    }

    @Test
    void tagsAreListedWithWhatTheyPointAt() {
        TestImage image = TestImage.of(registry, "browse/tags", "tagged").push(registry, "v1");
        TestImage index = TestImage.index(List.of(image)).push(registry, "v2");
        JsonNode tags = json(registry.get("/berth/registry/tags?repository=browse/tags"))
                .get("tags");
        assertThat(names(tags)).containsExactly("v1", "v2");
        assertThat(tags.get(0).get("digest").asString())
                .isEqualTo(image.digest().toString());
        assertThat(tags.get(0).get("mediaType").asString()).isEqualTo(MediaType.OCI_MANIFEST);
        assertThat(tags.get(0).get("artifactType").asString()).isEqualTo(MediaType.OCI_CONFIG);
        assertThat(tags.get(0).get("sizeBytes").asLong()).isEqualTo(image.content().length + blobs("tagged"));
        assertThat(tags.get(1).get("sizeBytes").asLong()).isEqualTo(index.content().length + image.content().length);
        assertThat(tags.get(1).has("artifactType")).isFalse();
        assertThat(names(json(registry.get("/berth/registry/tags?repository=browse/tags&q=2"))
                        .get("tags")))
                .containsExactly("v2");
        assertThat(pages(registry, "/berth/registry/tags?repository=browse/tags&n=1"))
                .hasSize(2);
        assertRefused(registry.get("/berth/registry/tags?repository=browse/none"), 404, "NAME_UNKNOWN");
        assertRefused(registry.get("/berth/registry/tags?repository=Browse"), 400, "NAME_INVALID");
        assertRefused(registry.get("/berth/registry/tags"), 400, "UNSUPPORTED");
    }

    @Test
    void usageCountsContentOnce() {
        JsonNode before = json(registry.get("/berth/registry/usage"));
        byte[] shared = bytes("shared by two");
        registry.blob("usage/one", shared);
        registry.blob("usage/two", shared);
        JsonNode after = json(registry.get("/berth/registry/usage"));
        assertThat(after.get("repositories").asLong()
                        - before.get("repositories").asLong())
                .isEqualTo(2);
        assertThat(after.get("blobs").asLong() - before.get("blobs").asLong()).isEqualTo(1);
        assertThat(after.get("sizeBytes").asLong() - before.get("sizeBytes").asLong())
                .isEqualTo(shared.length);
    }

    @Test
    void contentAndCacheAreCounted() {
        byte[] content = new byte[100_000];
        content[0] = 1;
        double received = metric("berth.registry.bytes?tag=content:blob&tag=direction:received");
        Digest digest = registry.blob("metrics/blob", content);
        assertThat(metric("berth.registry.bytes?tag=content:blob&tag=direction:received") - received)
                .isEqualTo(100_000);
        double sent = metric("berth.registry.bytes?tag=content:blob&tag=direction:sent");
        assertThat(registry.get("/v2/metrics/blob/blobs/" + digest).body()).isEqualTo(content);
        registry.head("/v2/metrics/blob/blobs/" + digest);
        assertThat(metric("berth.registry.bytes?tag=content:blob&tag=direction:sent") - sent)
                .isEqualTo(100_000);

        TestImage image = TestImage.of(registry, "metrics/manifest", "cached").push(registry, "1");
        double misses = metric("berth.registry.manifest.cache?tag=result:miss");
        double hits = metric("berth.registry.manifest.cache?tag=result:hit");
        for (int i = 0; i < 3; i++) {
            registry.get(image.path("1"));
        }
        assertThat(metric("berth.registry.manifest.cache?tag=result:miss") - misses)
                .isEqualTo(1);
        assertThat(metric("berth.registry.manifest.cache?tag=result:hit") - hits)
                .isEqualTo(2);
        assertThat(metric("http.server.requests?tag=uri:/v2/%7Bname%7D/manifests/%7Breference%7D"))
                .isGreaterThanOrEqualTo(3);
    }

    private double metric(String name) {
        return json(registry.get("/actuator/metrics/" + name))
                .get("measurements")
                .get(0)
                .get("value")
                .asDouble();
    }

    private static long blobs(String unique) {
        return (long) bytes("{\"unique\":\"" + unique + "\"}").length + bytes("layer " + unique).length;
    }

    private static List<String> names(JsonNode list) {
        List<String> names = new ArrayList<>();
        list.forEach(entry -> names.add(entry.get("name").asString()));
        return names;
    }
}
