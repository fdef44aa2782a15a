package io.berth.gateway.access.decision;

import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.gateway.access.Identity;
import io.berth.gateway.access.Inquiry;
import io.berth.gateway.access.account.Directory;
import io.berth.gateway.access.account.Project;
import io.berth.gateway.access.policy.Labels;
import io.berth.gateway.access.policy.Reference;
import io.berth.gateway.route.RequestTarget;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Finds out whose something is. What is not the caller's is answered as if it was not there, in Docker's words. Thread-safe.
 *
 * <p>What a container of a full id belongs to never changes, so the last ones are remembered.
 */
@Component
class Owners {
    private static final int REMEMBERED = 4096;
    private static final Pattern FULL_ID = Pattern.compile("[0-9a-f]{64}");

    private final Inquiry inquiry;
    private final Directory directory;
    /** Projects by the full ids of containers, the oldest first; guarded by itself. */
    private final Map<String, String> containers = new LinkedHashMap<>();

    Owners(Inquiry inquiry, Directory directory) {
        this.inquiry = inquiry;
        this.directory = directory;
    }

    /** The full id of a container of the caller's; completes with {@link NotFound} for any other. */
    CompletionStage<String> container(Identity caller, String name) {
        if (FULL_ID.matcher(name).matches()) {
            String known = remembered(name);
            if (known != null) {
                return caller.belongsTo(known)
                        ? CompletableFuture.completedStage(name)
                        : CompletableFuture.failedStage(noContainer(name));
            }
        }
        return inquiry.ask("GET", "/containers/" + escaped(name) + "/json", null)
                .thenApply(found -> {
                    JsonNode inspected = found.orElseThrow(() -> noContainer(name));
                    String id = inspected.path("Id").asString("");
                    String project = project(inspected.path("Config").path("Labels"));
                    remember(id, project);
                    if (!caller.belongsTo(project)) {
                        throw noContainer(name);
                    }
                    return id;
                });
    }

    private static NotFound noContainer(String name) {
        return new NotFound("No such container: " + name);
    }

    private @Nullable String remembered(String id) {
        synchronized (containers) {
            return containers.get(id);
        }
    }

    private void remember(String id, String project) {
        synchronized (containers) {
            containers.put(id, project);
            if (containers.size() > REMEMBERED) {
                containers.remove(containers.keySet().iterator().next());
            }
        }
    }

    /** The container that an exec runs in, when it is the caller's. */
    CompletionStage<String> exec(Identity caller, String id) {
        NotFound none = new NotFound("No such exec instance: " + id);
        return inquiry.ask("GET", "/exec/" + escaped(id) + "/json", null)
                .thenCompose(found -> container(
                        caller,
                        found.orElseThrow(() -> none).path("ContainerID").asString("-")))
                .handle((container, failure) -> {
                    if (failure != null) {
                        throw isNotFound(failure) ? none : new CompletionException(failure);
                    }
                    return container;
                });
    }

    private static boolean isNotFound(Throwable failure) {
        return failure instanceof NotFound || failure.getCause() instanceof NotFound;
    }

    /** The full id of a network of the caller's. */
    CompletionStage<String> network(Identity caller, String name) {
        return inquiry.ask("GET", "/networks/" + escaped(name), null)
                .thenApply(found -> found.filter(network -> caller.belongsTo(project(network.path("Labels"))))
                        .map(network -> network.path("Id").asString(""))
                        .orElseThrow(() -> new NotFound("network " + name + " not found")));
    }

    /** The name of a volume of the caller's. */
    CompletionStage<String> volume(Identity caller, String name) {
        return inquiry.ask("GET", "/volumes/" + escaped(name), null)
                .thenApply(found -> found.filter(volume -> caller.belongsTo(project(volume.path("Labels"))))
                        .map(_ -> name)
                        .orElseThrow(() -> new NotFound("get " + name + ": no such volume")));
    }

    /** Whether a name is no volume's, or one of the caller's. */
    CompletionStage<Boolean> volumeIsFree(Identity caller, String name) {
        return inquiry.ask("GET", "/volumes/" + escaped(name), null)
                .thenApply(found -> found.map(volume -> caller.belongsTo(project(volume.path("Labels"))))
                        .orElse(true));
    }

    /**
     * The name of a volume of the caller's, or of none. It is made by the engine, together with the container, so that a refused create leaves none;
     * the engine asks whose it is once more then, by the caller that it is told.
     */
    CompletionStage<String> volumeOrNew(Identity caller, String name) {
        return volumeIsFree(caller, name).thenApply(free -> {
            if (!free) {
                throw new Forbidden("the volume name is taken by another project: " + name);
            }
            return name;
        });
    }

    /** The id of a secret or config of the caller's. */
    CompletionStage<String> secret(Identity caller, String kind, String name) {
        return inquiry.ask("GET", "/" + kind + "s/" + escaped(name), null)
                .thenApply(found -> found.filter(secret ->
                                caller.belongsTo(project(secret.path("Spec").path("Labels"))))
                        .map(secret -> secret.path("ID").asString(""))
                        .orElseThrow(() -> new NotFound(kind + " " + name + " not found")));
    }

    /** What is known of an image; empty when this machine has none of the name. */
    CompletionStage<Optional<JsonNode>> image(String name) {
        return inquiry.ask("GET", "/images/" + name + "/json", null);
    }

    /** Whether a caller may see an image: it is no other project's. */
    boolean sees(Identity caller, JsonNode labels, List<String> names) {
        String project = project(labels);
        if (!project.isEmpty()) {
            return caller.belongsTo(project);
        }
        return names.isEmpty() || names.stream().anyMatch(name -> seesName(caller, name));
    }

    /** Whether a repository is no other project's. */
    boolean seesName(Identity caller, String reference) {
        String owner = Repositories.owner(reference);
        return !directory.isProject(owner) || caller.belongsTo(owner);
    }

    /** Tells the image service what it must not show to the caller, whatever the client has said of that. */
    RequestTarget hiding(RequestTarget target, Identity caller) {
        return Targets.withParameter(target, "hidden", String.join(",", hidden(caller)));
    }

    /** The projects that are not the caller's. */
    List<String> hidden(Identity caller) {
        return directory.projects().stream()
                .map(Project::name)
                .filter(project -> !caller.belongsTo(project))
                .sorted()
                .toList();
    }

    /** Whether an image is a project's of the caller's: all of its names are, or its label says so and it has none. */
    boolean owns(Identity caller, JsonNode labels, List<String> names) {
        boolean labelled = caller.belongsTo(project(labels));
        return names.isEmpty() ? labelled : names.stream().allMatch(name -> ownsName(caller, name));
    }

    /** Whether a repository is a project's of the caller's. */
    boolean ownsName(Identity caller, String reference) {
        return caller.belongsTo(Repositories.owner(reference));
    }

    /**
     * Checks everything that a container to be names. What there is not, or not for the caller, is a mistake in the request: from
     * a 404 Docker's client takes that the image is missing, and pulls it.
     */
    CompletionStage<Void> toCreate(Identity caller, List<Reference> references) {
        List<CompletableFuture<Void>> checks = new ArrayList<>();
        for (Reference reference : references) {
            checks.add(all(caller, List.of(reference))
                    .exceptionally(failure -> {
                        if (reference.kind() != Reference.Kind.IMAGE && isNotFound(failure)) {
                            throw new InvalidParameter(
                                    reference.field() + ": there is no " + reference.name() + " in the project");
                        }
                        throw failure instanceof CompletionException known ? known : new CompletionException(failure);
                    })
                    .toCompletableFuture());
        }
        return CompletableFuture.allOf(checks.toArray(CompletableFuture[]::new));
    }

    /** Checks everything that a request names, and puts ids where they stand for names. */
    CompletionStage<Void> all(Identity caller, List<Reference> references) {
        List<CompletableFuture<Void>> checks = new ArrayList<>();
        for (Reference reference : references) {
            checks.add(check(caller, reference)
                    .thenAccept(id -> {
                        // One tree is written by the answers to several questions.
                        synchronized (this) {
                            reference.resolved().accept(id);
                        }
                    })
                    .toCompletableFuture());
        }
        return CompletableFuture.allOf(checks.toArray(CompletableFuture[]::new));
    }

    private CompletionStage<String> check(Identity caller, Reference reference) {
        return switch (reference.kind()) {
            case CONTAINER -> container(caller, reference.name());
            case NETWORK -> network(caller, reference.name());
            case VOLUME -> volumeOrNew(caller, reference.name());
            case SECRET -> secret(caller, "secret", reference.name());
            case CONFIG -> secret(caller, "config", reference.name());
            case IMAGE -> imageToRun(caller, reference.name());
        };
    }

    private CompletionStage<String> imageToRun(Identity caller, String name) {
        NotFound none = new NotFound("No such image: " + name);
        if (!isReference(name) || !seesName(caller, name)) {
            return CompletableFuture.failedStage(none);
        }
        return image(name).thenApply(found -> {
            if (found.isPresent() && !sees(caller, labels(found.get()), names(found.get()))) {
                throw none;
            }
            return name;
        });
    }

    /** Whether a text may stand in a path as it is. */
    static boolean isReference(String name) {
        return name.matches("[A-Za-z0-9][A-Za-z0-9._/:@-]*") && !name.contains("..") && !name.contains("//");
    }

    static JsonNode labels(JsonNode image) {
        return image.path("Config").path("Labels");
    }

    static List<String> names(JsonNode image) {
        List<String> names = new ArrayList<>();
        image.path("RepoTags").forEach(tag -> names.add(tag.asString("")));
        return names;
    }

    static String project(JsonNode labels) {
        return labels.path(Labels.PROJECT).asString("");
    }

    private static String escaped(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
