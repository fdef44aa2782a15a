package io.berth.gateway.access.decision;

import io.berth.docker.error.Forbidden;
import io.berth.docker.error.NotFound;
import io.berth.gateway.access.Call;
import io.berth.gateway.access.Role;
import io.berth.gateway.access.Ruling;
import io.berth.gateway.access.policy.Labels;
import io.berth.gateway.access.policy.StrictJson;
import io.berth.gateway.route.RequestTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * {@code /images}, {@code /distribution} and {@code /commit}. Everybody sees what is no project's, such as official images; what
 * a developer makes is in a repository of a project of theirs, {@code <project>/…} on whichever registry.
 */
@Component
final class ImageRules implements Rules {
    private static final Set<String> LOOKS = Set.of("json", "history", "attestations");

    private static final String ORDERS = "changes: labels of this prefix are the gateway's to set";

    private final Owners owners;
    private final AnswerFilters filters;

    ImageRules(Owners owners, AnswerFilters filters) {
        this.owners = owners;
        this.filters = filters;
    }

    @Override
    public Ruling judge(Call call, Passes passes) {
        return switch (call.target().first()) {
            case "images" -> image(call, passes);
            case "distribution" -> distribution(call, passes);
            default -> commit(call, passes);
        };
    }

    private Ruling image(Call call, Passes passes) {
        RequestTarget target = call.target();
        boolean looks = call.looks();
        int depth = target.segments().size();
        String second = target.segment(1);
        if (looks && depth == 2 && second.equals("json")) {
            return passes.filtered(target, filters.images(passes.who()));
        }
        if (looks && depth == 2 && second.equals("search")) {
            return passes.as(target);
        }
        if (looks && depth > 2 && LOOKS.contains(target.last())) {
            return visible(call, passes, List.of(name(target, depth - 1)));
        }
        if (passes.who().role() != Role.DEVELOPER) {
            return passes.refused();
        }
        if (looks && depth == 2 && second.equals("get")) {
            return visible(call, passes, archived(target));
        }
        if (looks && depth > 2 && target.last().equals("get")) {
            return visible(call, passes, List.of(name(target, depth - 1)));
        }
        if (call.method().equals("DELETE") && depth > 1) {
            return delete(call, passes, name(target, depth));
        }
        if (!call.method().equals("POST")) {
            return passes.unknown();
        }
        if (depth == 2) {
            return switch (second) {
                case "create" -> create(call, passes);
                case "load" -> load(call, passes);
                default -> passes.unknown();
            };
        }
        return switch (target.last()) {
            case "push" -> push(call, passes, name(target, depth - 1));
            case "tag" -> tag(call, passes, name(target, depth - 1));
            default -> passes.unknown();
        };
    }

    private static String name(RequestTarget target, int end) {
        return String.join("/", target.segments().subList(1, end));
    }

    private static List<String> archived(RequestTarget target) {
        List<String> names = new ArrayList<>();
        for (String value : Targets.parameters(target, "names")) {
            names.addAll(List.of(value.split(",", -1)));
        }
        return names;
    }

    private static NotFound none(String name) {
        return new NotFound("No such image: " + name);
    }

    /** Passes when the caller may see all of the images. */
    private Ruling visible(Call call, Passes passes, List<String> names) {
        if (names.isEmpty()) {
            return passes.as(call.target());
        }
        CompletableFuture<?>[] looks = names.stream()
                .map(name -> seen(passes, name).toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        return new Ruling.Later(CompletableFuture.allOf(looks).thenApply(_ -> passes.as(call.target())));
    }

    /** What is known of an image that the caller may see. */
    private CompletionStage<JsonNode> seen(Passes passes, String name) {
        if (!Owners.isReference(name) || !owners.seesName(passes.who(), name)) {
            return CompletableFuture.failedStage(none(name));
        }
        return owners.image(name)
                .thenApply(found -> found.filter(
                                image -> owners.sees(passes.who(), Owners.labels(image), Owners.names(image)))
                        .orElseThrow(() -> none(name)));
    }

    private Ruling create(Call call, Passes passes) {
        RequestTarget target = call.target();
        String image = Targets.parameter(target, "fromImage");
        if (!image.isEmpty()) {
            return owners.seesName(passes.who(), image)
                    ? passes.as(owners.hiding(target, passes.who()))
                    : new Ruling.Refuse(404, "pull access denied for " + image + ", repository does not exist");
        }
        if (!Targets.parameter(target, "fromSrc").equals("-")) {
            // An address would be asked from where the platform stands.
            return new Ruling.Refuse(403, "fromSrc: only an operator may import from an address");
        }
        if (ordersTheEngine(target)) {
            return new Ruling.Refuse(403, ORDERS);
        }
        return requireOwn(passes, Targets.parameter(target, "repo"), () -> passes.as(target));
    }

    /** The names are in the archive: the image service, which reads it, decides by who it hears that the caller is. */
    private Ruling load(Call call, Passes passes) {
        return Targets.hasOnly(call.target(), Set.of("quiet", "platform"))
                ? passes.as(owners.hiding(call.target(), passes.who()))
                : Passes.parametersRefused();
    }

    /** Whether instructions for an image have labels in them that are the gateway's to set. */
    private static boolean ordersTheEngine(RequestTarget target) {
        return Targets.parameters(target, "changes").stream()
                .anyMatch(change -> change.toLowerCase(Locale.ROOT).contains("berth."));
    }

    private Ruling push(Call call, Passes passes, String name) {
        return requireOwn(passes, name, () -> passes.as(call.target()));
    }

    private Ruling tag(Call call, Passes passes, String name) {
        return requireOwn(passes, Targets.parameter(call.target(), "repo"), () -> visible(call, passes, List.of(name)));
    }

    private Ruling requireOwn(Passes passes, String repository, Supplier<Ruling> next) {
        return owners.ownsName(passes.who(), repository)
                ? next.get()
                : new Ruling.Refuse(403, notOwn(passes, repository));
    }

    static String notOwn(Passes passes, String repository) {
        return "the repository \"" + repository + "\" is not the project's: its name must begin with "
                + ContainerRules.project(passes.who()) + "/";
    }

    private Ruling delete(Call call, Passes passes, String name) {
        if (owners.ownsName(passes.who(), name)) {
            return passes.as(call.target());
        }
        return new Ruling.Later(seen(passes, name).thenApply(image -> {
            if (!owners.owns(passes.who(), Owners.labels(image), Owners.names(image))) {
                throw new Forbidden("the image " + name + " is not the project's");
            }
            return passes.as(call.target());
        }));
    }

    private Ruling distribution(Call call, Passes passes) {
        RequestTarget target = call.target();
        int depth = target.segments().size();
        if (!call.method().equals("GET") || depth < 3 || !target.last().equals("json")) {
            return passes.unknown();
        }
        String name = name(target, depth - 1);
        return owners.seesName(passes.who(), name)
                ? passes.as(target)
                : new Ruling.Refuse(404, "no such repository: " + name);
    }

    private Ruling commit(Call call, Passes passes) {
        RequestTarget target = call.target();
        if (passes.who().role() != Role.DEVELOPER) {
            return passes.refused();
        }
        if (!call.method().equals("POST") || target.segments().size() != 1) {
            return passes.unknown();
        }
        String repository = Targets.parameter(target, "repo");
        if (!repository.isEmpty() && !owners.ownsName(passes.who(), repository)) {
            return new Ruling.Refuse(403, notOwn(passes, repository));
        }
        if (ordersTheEngine(target)) {
            return new Ruling.Refuse(403, ORDERS);
        }
        return passes.read(body -> {
            StrictJson.canonicalise(body, Set.of("Labels"));
            Labels.own(body, "Labels", ContainerRules.project(passes.who()));
            return new Ruling.Later(owners.container(passes.who(), Targets.parameter(target, "container"))
                    .thenApply(id -> passes.with(Targets.withParameter(target, "container", id), body)));
        });
    }
}
