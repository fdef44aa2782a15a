package io.berth.registry;

import static io.berth.registry.Answers.assertRefused;
import static io.berth.registry.Answers.json;
import static io.berth.registry.Answers.next;
import static io.berth.registry.Answers.pages;
import static io.berth.registry.Answers.texts;
import static io.berth.registry.TestRegistry.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.oci.Digest;
import io.berth.oci.MediaType;
import io.berth.registry.TestRegistry.Answer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Distribution specification: "Content Discovery": tags and referrers; and the catalog. */
@RegistryTest
class ConformanceDiscoveryIT {
    private static final String NAME = "conformance/discovery";
    private static final String TAGS = "/v2/" + NAME + "/tags/list";
    private static final List<String> SORTED = List.of("1", "10", "2", "B", "_", "a", "b", "latest");
    private static final String SBOM = "application/vnd.example.sbom.v1";

    private final TestRegistry registry;
    private final List<String> repositories = List.of("conformance/zz", "conformance/zz-1", "conformance/zz/a");

    ConformanceDiscoveryIT(TestRegistry registry) {
        this.registry = registry;
    }

    @BeforeEach
    void push() {
        TestImage image = TestImage.of(registry, NAME, "tagged");
        image.push(registry, image.digest() + "?tag=" + String.join("&tag=", SORTED.reversed()));
    }

    @Test
    void tagsAreListedInTheOrderOfTheirBytes() {
        JsonNode list = json(registry.get(TAGS));
        assertThat(list.get("name").asString()).isEqualTo(NAME);
        assertThat(texts(list.get("tags"))).isEqualTo(SORTED);
    }

    @Test
    void aRepositoryWithoutTagsHasAnEmptyList() {
        registry.blob("conformance/untagged", bytes("x"));
        assertThat(registry.get("/v2/conformance/untagged/tags/list").text())
                .isEqualTo("{\"name\":\"conformance/untagged\",\"tags\":[]}");
        assertRefused(registry.get("/v2/conformance/nobody/tags/list"), 404, "NAME_UNKNOWN");
    }

    @Test
    void tagsComeInPagesOfAnySize() {
        for (int size = 1; size <= SORTED.size() + 1; size++) {
            List<String> all = new ArrayList<>();
            List<JsonNode> pages = pages(registry, TAGS + "?n=" + size);
            for (JsonNode page : pages) {
                assertThat(page.get("tags").size()).isBetween(1, size);
                all.addAll(texts(page.get("tags")));
            }
            assertThat(all).isEqualTo(SORTED);
            assertThat(pages).hasSize((SORTED.size() + size - 1) / size);
        }
    }

    @Test
    void zeroTagsAreAnEmptyListWithoutALink() {
        Answer none = registry.get(TAGS + "?n=0");
        assertThat(none.status()).isEqualTo(200);
        assertThat(json(none).get("tags")).isEmpty();
        assertThat(next(none)).isNull();
    }

    @Test
    void aListBeginsAfterLastWhetherThatExistsOrNot() {
        assertThat(texts(json(registry.get(TAGS + "?last=B")).get("tags"))).containsExactly("_", "a", "b", "latest");
        assertThat(texts(json(registry.get(TAGS + "?last=C")).get("tags"))).containsExactly("_", "a", "b", "latest");
        assertThat(texts(json(registry.get(TAGS + "?n=2&last=1")).get("tags"))).containsExactly("10", "2");
        assertThat(texts(json(registry.get(TAGS + "?last=latest")).get("tags"))).isEmpty();
    }

    @Test
    void repositoriesAreListedInPages() {
        repositories.forEach(name -> registry.blob(name, bytes("x")));
        List<String> all = new ArrayList<>();
        for (JsonNode page : pages(registry, "/v2/_catalog?n=2&last=conformance/z")) {
            all.addAll(texts(page.get("repositories")));
        }
        assertThat(all)
                .startsWith(repositories.toArray(String[]::new))
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void referrersAreAnIndexWithTypesAndAnnotations() {
        TestImage subject = TestImage.of(registry, NAME, "described");
        TestImage sbom = TestImage.of(registry, NAME, "sbom")
                .referringTo(subject)
                .with("\"artifactType\":\"" + SBOM + "\",\"annotations\":{\"org.example.format\":\"json\"}")
                .push(registry);
        TestImage image = TestImage.of(registry, NAME, "image as referrer")
                .referringTo(subject)
                .push(registry);
        TestImage blank = TestImage.of(registry, NAME, "blank type")
                .referringTo(subject)
                .with("\"artifactType\":\"\"")
                .push(registry);
        TestImage index = TestImage.index(List.of(sbom)).referringTo(subject).push(registry, "tagged-referrer");
        TestImage other = TestImage.of(registry, NAME, "not a referrer").push(registry);

        Answer answer = registry.get(referrers(subject));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo(MediaType.OCI_INDEX);
        assertThat(answer.headers().get("OCI-Filters-Applied")).isNull();
        JsonNode list = json(answer);
        assertThat(list.get("schemaVersion").asInt()).isEqualTo(2);
        assertThat(list.get("mediaType").asString()).isEqualTo(MediaType.OCI_INDEX);
        assertThat(list.get("manifests")).hasSize(4);
        JsonNode described = entry(list, sbom);
        assertThat(described.get("mediaType").asString()).isEqualTo(MediaType.OCI_MANIFEST);
        assertThat(described.get("size").asInt()).isEqualTo(sbom.content().length);
        assertThat(described.get("artifactType").asString()).isEqualTo(SBOM);
        assertThat(described.get("annotations").get("org.example.format").asString())
                .isEqualTo("json");
        assertThat(entry(list, image).get("artifactType").asString()).isEqualTo(MediaType.OCI_CONFIG);
        assertThat(entry(list, blank).get("artifactType").asString()).isEqualTo(MediaType.OCI_CONFIG);
        assertThat(entry(list, index).has("artifactType")).isFalse();
        assertThat(entry(list, index).get("mediaType").asString()).isEqualTo(MediaType.OCI_INDEX);
        assertThat(entry(list, other).isMissingNode()).isTrue();
    }

    @Test
    void referrersAreFilteredByType() {
        TestImage subject = TestImage.of(registry, NAME, "filtered");
        TestImage sbom = TestImage.of(registry, NAME, "filtered sbom")
                .referringTo(subject)
                .with("\"artifactType\":\"" + SBOM + "\"")
                .push(registry);
        TestImage.of(registry, NAME, "filtered image").referringTo(subject).push(registry);

        Answer filtered = registry.get(referrers(subject) + "?artifactType=" + SBOM);
        assertThat(filtered.header("OCI-Filters-Applied")).isEqualTo("artifactType");
        assertThat(json(filtered).get("manifests")).hasSize(1);
        assertThat(entry(json(filtered), sbom).isMissingNode()).isFalse();
        Answer byConfig =
                registry.get(referrers(subject) + "?artifactType=application%2Fvnd.oci.image.config.v1%2Bjson");
        assertThat(json(byConfig).get("manifests")).hasSize(1);
        Answer none = registry.get(referrers(subject) + "?artifactType=application/x-none");
        assertThat(none.status()).isEqualTo(200);
        assertThat(none.header("OCI-Filters-Applied")).isEqualTo("artifactType");
        assertThat(json(none).get("manifests")).isEmpty();
    }

    @Test
    void manyReferrersComeInPagesAndKeepTheFilter() {
        TestImage subject = TestImage.of(registry, NAME, "popular");
        List<String> pushed = new ArrayList<>();
        TestImage base = TestImage.of(registry, NAME, "popular referrer").referringTo(subject);
        for (int i = 0; i < 130; i++) {
            TestImage referrer = base.with("\"annotations\":{\"number\":\"" + i + "\"}")
                    .with("\"artifactType\":\"" + SBOM + "\"")
                    .push(registry);
            pushed.add(referrer.digest().toString());
        }
        for (String query : List.of("", "?artifactType=" + SBOM)) {
            List<JsonNode> pages = pages(registry, referrers(subject) + query);
            assertThat(pages).hasSizeGreaterThan(1);
            List<String> listed = new ArrayList<>();
            pages.forEach(page -> page.get("manifests")
                    .forEach(entry -> listed.add(entry.get("digest").asString())));
            assertThat(listed).containsExactlyInAnyOrderElementsOf(pushed);
        }
    }

    @Test
    void referrersOfNothingAreAnEmptyListNever404() {
        Digest unknown = Digest.sha256(bytes("unknown subject"));
        for (String name : List.of(NAME, "conformance/nobody")) {
            Answer none = registry.get("/v2/" + name + "/referrers/" + unknown);
            assertThat(none.status()).isEqualTo(200);
            assertThat(json(none).get("manifests")).isEmpty();
        }
        assertRefused(registry.get("/v2/" + NAME + "/referrers/sha256:nothing"), 400, "DIGEST_INVALID");
    }

    private static String referrers(TestImage subject) {
        return "/v2/" + NAME + "/referrers/" + subject.digest();
    }

    private static JsonNode entry(JsonNode list, TestImage image) {
        for (JsonNode entry : list.get("manifests")) {
            if (entry.get("digest").asString().equals(image.digest().toString())) {
                return entry;
            }
        }
        return list.path("manifests").path(-1);
    }
}
