package io.berth.gateway.access.decision;

import io.berth.docker.error.Forbidden;
import io.berth.gateway.access.Call;
import io.berth.gateway.access.Role;
import io.berth.gateway.access.Ruling;
import io.berth.gateway.access.policy.NetworkPolicy;
import io.berth.gateway.access.policy.Reference;
import io.berth.gateway.access.policy.VolumePolicy;
import io.berth.gateway.route.RequestTarget;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** {@code /networks} and {@code /volumes}. */
@Component
final class NetworkRules implements Rules {
    private static final Set<String> CONNECTIONS = Set.of("connect", "disconnect");

    private final Owners owners;

    NetworkRules(Owners owners) {
        this.owners = owners;
    }

    @Override
    public Ruling judge(Call call, Passes passes) {
        RequestTarget target = call.target();
        boolean networks = target.first().equals("networks");
        boolean looks = call.looks();
        int depth = target.segments().size();
        if (looks) {
            return switch (depth) {
                case 1 -> passes.as(ContainerRules.own(target, passes));
                case 2 -> owned(call, passes, networks);
                default -> passes.unknown();
            };
        }
        if (passes.who().role() != Role.DEVELOPER) {
            return passes.refused();
        }
        if (depth == 2 && call.method().equals("DELETE")) {
            return owned(call, passes, networks);
        }
        if (depth == 2 && call.method().equals("POST")) {
            return switch (target.segment(1)) {
                case "create" ->
                    passes.read(body -> networks ? newNetwork(call, passes, body) : newVolume(call, passes, body));
                case "prune" -> passes.as(ContainerRules.own(target, passes));
                default -> passes.unknown();
            };
        }
        if (depth == 3 && networks && call.method().equals("POST") && CONNECTIONS.contains(target.segment(2))) {
            return passes.read(body -> connection(call, passes, body));
        }
        return passes.unknown();
    }

    private Ruling owned(Call call, Passes passes, boolean networks) {
        String name = call.target().segment(1);
        CompletionStage<RequestTarget> target = networks
                ? owners.network(passes.who(), name).thenApply(id -> Targets.with(call.target(), 1, id))
                : owners.volume(passes.who(), name).thenApply(_ -> call.target());
        return new Ruling.Later(target.thenApply(passes::as));
    }

    private static Ruling newNetwork(Call call, Passes passes, ObjectNode body) {
        NetworkPolicy.create(body, ContainerRules.project(passes.who()));
        return passes.with(call.target(), body);
    }

    /** The engine answers with the volume that has the name already: it must not be another project's. */
    private Ruling newVolume(Call call, Passes passes, ObjectNode body) {
        String name = VolumePolicy.create(body, ContainerRules.project(passes.who()));
        CompletionStage<Boolean> free =
                name.isEmpty() ? CompletableFuture.completedStage(true) : owners.volumeIsFree(passes.who(), name);
        return new Ruling.Later(free.thenApply(isFree -> {
            if (!isFree) {
                throw new Forbidden("the volume name is taken by another project: " + name);
            }
            return passes.with(call.target(), body);
        }));
    }

    private Ruling connection(Call call, Passes passes, ObjectNode body) {
        List<Reference> references = NetworkPolicy.connection(body);
        return new Ruling.Later(owners.network(passes.who(), call.target().segment(1))
                .thenCompose(id -> owners.all(passes.who(), references)
                        .thenApply(_ -> passes.with(Targets.with(call.target(), 1, id), body))));
    }
}
