package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The manifests of {@code k8s/}, as kustomize makes them: every field is one that the published API knows, and what runs keeps to rules: images of a
 * named version, limits, probes, and one container alone that is privileged, the engine.
 */
class ManifestsTest {
    private static final Map<String, Class<?>> KINDS = Map.ofEntries(
            Map.entry("ConfigMap", ConfigMap.class),
            Map.entry("DaemonSet", DaemonSet.class),
            Map.entry("Deployment", Deployment.class),
            Map.entry("Namespace", Namespace.class),
            Map.entry("NetworkPolicy", NetworkPolicy.class),
            Map.entry("PodDisruptionBudget", PodDisruptionBudget.class),
            Map.entry("Role", Role.class),
            Map.entry("RoleBinding", RoleBinding.class),
            Map.entry("Secret", Secret.class),
            Map.entry("Service", Service.class),
            Map.entry("ServiceAccount", ServiceAccount.class),
            Map.entry("StatefulSet", StatefulSet.class));

    /** Strict: an unknown field is an error, as for a server with field validation. */
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .annotationIntrospector(new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1L;

                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    return false;
                }
            })
            .build();

    private static final Path ROOT = Path.of(Objects.requireNonNullElse(System.getProperty("berth.root"), "../.."))
            .resolve("k8s/overlays");

    @ParameterizedTest
    @ValueSource(strings = {"single-node", "production"})
    void fieldsAreThoseOfTheApi(String overlay) {
        for (JsonNode manifest : manifests(overlay)) {
            String kind = manifest.path("kind").asText();
            if (kind.equals("ServiceMonitor")) {
                continue; // a definition of the Prometheus operator's
            }
            Class<?> model = Objects.requireNonNull(KINDS.get(kind), () -> "unknown kind " + kind);
            try {
                assertThat(YAML.treeToValue(manifest, model)).isNotNull();
            } catch (IOException e) {
                throw new AssertionError(overlay + ": " + kind + " " + name(manifest) + ": " + e.getMessage(), e);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"single-node", "production"})
    void whatRunsKeepsToTheRules(String overlay) {
        Map<String, List<String>> broken = new TreeMap<>();
        List<String> privileged = new ArrayList<>();
        pods(overlay).forEach((owner, pod) -> {
            Stream<Container> all = Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream());
            all.forEach(container -> {
                String name = owner + "/" + container.getName();
                List<String> problems = new ArrayList<>();
                if (!container.getImage().matches(".+:[^/:]+")
                        || container.getImage().endsWith(":latest")) {
                    problems.add("image without a version: " + container.getImage());
                }
                if (container.getResources() == null
                        || !container.getResources().getLimits().keySet().containsAll(List.of("cpu", "memory"))
                        || !container.getResources().getRequests().keySet().containsAll(List.of("cpu", "memory"))) {
                    problems.add("without limits and requests");
                }
                if (pod.getContainers().contains(container)
                        && (container.getLivenessProbe() == null
                                || container.getReadinessProbe() == null
                                || container.getStartupProbe() == null)) {
                    problems.add("without probes");
                }
                if (container.getSecurityContext() == null) {
                    problems.add("without a security context");
                } else if (Boolean.TRUE.equals(container.getSecurityContext().getPrivileged())) {
                    privileged.add(name);
                } else if (!Boolean.FALSE.equals(container.getSecurityContext().getAllowPrivilegeEscalation())
                        || !container
                                .getSecurityContext()
                                .getCapabilities()
                                .getDrop()
                                .equals(List.of("ALL"))) {
                    problems.add("keeps privileges that it was not given");
                }
                if (!problems.isEmpty()) {
                    broken.put(name, problems);
                }
            });
            if (!Boolean.FALSE.equals(pod.getAutomountServiceAccountToken())) {
                broken.put(owner, List.of("has a token of the cluster"));
            }
        });
        assertThat(broken).isEmpty();
        assertThat(privileged).containsExactly("berth-node/engine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"single-node", "production"})
    void nothingIsReachedUnlessAPolicySaysSo(String overlay) {
        assertThat(manifests(overlay).stream()
                        .filter(manifest -> manifest.path("kind").asText().equals("NetworkPolicy"))
                        .filter(manifest ->
                                manifest.path("spec").path("podSelector").isEmpty())
                        .map(manifest ->
                                manifest.path("spec").path("policyTypes").toString()))
                .containsExactly("[\"Ingress\",\"Egress\"]");
    }

    private Map<String, PodSpec> pods(String overlay) {
        Map<String, PodSpec> pods = new TreeMap<>();
        for (JsonNode manifest : manifests(overlay)) {
            JsonNode pod = manifest.path("spec").path("template").path("spec");
            if (!pod.isMissingNode()) {
                pods.put(name(manifest), YAML.convertValue(pod, PodSpec.class));
            }
        }
        return pods;
    }

    private static String name(JsonNode manifest) {
        return manifest.path("metadata").path("name").asText();
    }

    private static List<JsonNode> manifests(String overlay) {
        boolean there = Stream.of(
                        Objects.requireNonNullElse(System.getenv("PATH"), "").split(":"))
                .anyMatch(directory -> Path.of(directory, "kubectl").toFile().canExecute());
        if (!there && "required".equals(System.getProperty("kernel.tests"))) {
            throw new IllegalStateException("manifests cannot be made without kubectl");
        }
        Assumptions.assumeTrue(there, "needs kubectl");
        String text = Running.run(
                        List.of("kubectl", "kustomize", ROOT.resolve(overlay).toString()),
                        Map.of(),
                        new byte[0],
                        Duration.ofMinutes(1))
                .ok();
        List<JsonNode> manifests = new ArrayList<>();
        try (var values = YAML.readerFor(JsonNode.class).<JsonNode>readValues(new YAMLFactory().createParser(text))) {
            values.forEachRemaining(manifests::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(manifests).isNotEmpty();
        return manifests;
    }
}
