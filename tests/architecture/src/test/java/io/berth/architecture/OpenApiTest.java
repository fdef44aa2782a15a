package io.berth.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Holds the OpenAPI document that the gateway serves to the controllers of all services: a route of Berth's own that it lacks, one that it
 * invents, and a property that a record has under another name are failures.
 */
class OpenApiTest {
    /** What is not Docker's, nor the OCI's, and not between the services. */
    private static final List<String> OWN = List.of("/api/", "/berth/", "/health", "/metrics");

    private static final String SCHEMAS = "#/components/schemas/";

    private final JsonNode document = read();

    private static JsonNode read() {
        try {
            return new JsonMapper()
                    .readTree(Files.readString(
                            TestReferences.projectRoot().resolve("gateway/src/main/resources/openapi/berth.json")));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void everyRouteIsDescribedAndEveryDescriptionHasItsRoute() {
        assertThat(described()).containsExactlyElementsOf(served());
    }

    @Test
    void bodiesHaveTheComponentsOfTheRecords() {
        var records = new TreeMap<String, Set<Set<String>>>();
        for (JavaClass type : ProductClasses.all()) {
            if (type.isRecord()) {
                // Only these, since a class may need what is not on this path.
                for (String name : schemaNames(type).stream()
                        .filter(document.at("/components/schemas")::has)
                        .toList()) {
                    records.computeIfAbsent(name, _ -> new HashSet<>()).add(components(type.reflect()));
                }
            }
        }
        for (var schema : document.at("/components/schemas").properties()) {
            if (schema.getKey().equals("RegistryErrors")) {
                // The OCI's, not a record of ours.
                continue;
            }
            assertThat(new TreeSet<>(schema.getValue().path("properties").propertyNames()))
                    .as(schema.getKey())
                    .isIn(records.getOrDefault(schema.getKey(), Set.of()));
        }
    }

    @Test
    void everyRecordOfAControllerIsDescribed() {
        Set<String> missing = ProductClasses.all().stream()
                .filter(type -> type.isRecord()
                        && type.getEnclosingClass()
                                .filter(outer -> outer.isAnnotatedWith(RestController.class) && isOwn(outer))
                                .isPresent())
                .map(type -> schemaNames(type).getFirst())
                .filter(name -> !document.at("/components/schemas").has(name))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(missing).isEmpty();
    }

    /** What OpenAPI 3.0.3 asks of such a document (4.7 and 4.8), as far as it uses the specification. */
    @Test
    void theDocumentKeepsToOpenApi() {
        assertThat(document.path("openapi").asString()).isEqualTo("3.0.3");
        assertThat(document.at("/info/title").asString()).isNotEmpty();
        assertThat(document.at("/info/version").asString()).isNotEmpty();
        assertThat(document.at("/info/description").asString()).contains("docs.docker.com/reference/api/engine");
        Set<String> tags = document.path("tags")
                .valueStream()
                .map(tag -> tag.path("name").asString())
                .collect(Collectors.toSet());
        Set<String> ids = new TreeSet<>();
        document.path("paths")
                .propertyStream()
                .forEach(path -> path.getValue().propertyStream().forEach(operation -> {
                    JsonNode told = operation.getValue();
                    String where = operation.getKey() + " " + path.getKey();
                    assertThat(told.path("summary").asString()).as(where).isNotEmpty();
                    assertThat(ids.add(told.path("operationId").asString()))
                            .as(where)
                            .isTrue();
                    assertThat(told.path("tags").valueStream().map(JsonNode::asString))
                            .as(where)
                            .isNotEmpty()
                            .isSubsetOf(tags);
                    assertThat(told.path("responses").propertyStream())
                            .as(where)
                            .isNotEmpty()
                            .allMatch(answer -> answer.getKey().matches("[1-5]\\d\\d|default"))
                            .allMatch(answer -> answer.getValue().has("description")
                                    || answer.getValue().has("$ref"));
                    Set<String> inPath = Stream.of(path.getKey().split("/", -1))
                            .filter(segment -> segment.startsWith("{"))
                            .map(segment -> segment.substring(1, segment.length() - 1))
                            .collect(Collectors.toCollection(TreeSet::new));
                    assertThat(told.path("parameters")
                                    .valueStream()
                                    .filter(parameter ->
                                            parameter.path("in").asString().equals("path"))
                                    .peek(parameter -> assertThat(
                                                    parameter.path("required").asBoolean())
                                            .as(where)
                                            .isTrue())
                                    .map(parameter -> parameter.path("name").asString()))
                            .as(where)
                            .containsExactlyInAnyOrderElementsOf(inPath);
                }));
        List<String> references = document.findValuesAsString("$ref");
        assertThat(references)
                .isNotEmpty()
                .allMatch(to -> document.at(to.substring(1)).isObject());
        Set<String> used = references.stream()
                .filter(to -> to.startsWith(SCHEMAS))
                .map(to -> to.substring(SCHEMAS.length()))
                .collect(Collectors.toSet());
        assertThat(document.at("/components/schemas").propertyNames()).isSubsetOf(used);
        document.findValues("required").stream()
                .filter(JsonNode::isArray)
                .forEach(required -> assertThat(required).isNotEmpty());
    }

    private Set<String> described() {
        return document.path("paths")
                .propertyStream()
                .flatMap(path ->
                        path.getValue().propertyStream().map(operation -> path.getKey() + " " + operation.getKey()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> served() {
        return controllers()
                .flatMap(controller -> routes(controller.reflect()))
                .filter(OpenApiTest::isOwn)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<JavaClass> controllers() {
        return ProductClasses.all().stream().filter(type -> type.isAnnotatedWith(RestController.class));
    }

    private static boolean isOwn(JavaClass controller) {
        return routes(controller.reflect()).anyMatch(OpenApiTest::isOwn);
    }

    private static boolean isOwn(String route) {
        return OWN.stream().anyMatch(route::startsWith);
    }

    private static Stream<String> routes(Class<?> controller) {
        RequestMapping base = AnnotatedElementUtils.findMergedAnnotation(controller, RequestMapping.class);
        List<String> routes = new ArrayList<>();
        for (Method method : controller.getDeclaredMethods()) {
            RequestMapping mapping = AnnotatedElementUtils.findMergedAnnotation(method, RequestMapping.class);
            if (mapping == null) {
                continue;
            }
            for (String before : paths(base)) {
                for (String path : paths(mapping)) {
                    for (var verb : mapping.method()) {
                        routes.add(before + path + " " + verb.name().toLowerCase(Locale.ROOT));
                    }
                }
            }
        }
        return routes.stream();
    }

    private static List<String> paths(@Nullable RequestMapping mapping) {
        return mapping == null || mapping.path().length == 0 ? List.of("") : List.of(mapping.path());
    }

    /** By which a record may be described: {@code Nodes.Shown} for {@code NodesController.Shown}. */
    private static List<String> schemaNames(JavaClass type) {
        String name = type.getSimpleName();
        if (type.getEnclosingClass().isPresent()) {
            String outer = type.getEnclosingClass().get().getSimpleName().replaceFirst("Controller$", "");
            return List.of(outer + "." + name);
        }
        return type.getPackageName().startsWith("io.berth.registry") ? List.of("Registry" + name, name) : List.of(name);
    }

    private static Set<String> components(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
