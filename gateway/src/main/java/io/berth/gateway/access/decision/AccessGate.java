package io.berth.gateway.access.decision;

import io.berth.gateway.access.Call;
import io.berth.gateway.access.Gate;
import io.berth.gateway.access.Identity;
import io.berth.gateway.access.Ruling;
import io.berth.gateway.route.Backend;
import io.berth.gateway.route.RequestTarget;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The gate of a platform with users. Thread-safe. */
@Component
final class AccessGate implements Gate {
    /** Of another kind than Basic: browsers would ask for a password by a window of their own. */
    private static final String CHALLENGE = "Bearer realm=\"berth\"";

    private final Callers callers;
    private final AnswerFilters filters;
    private final ContainerRules containers;
    private final Map<String, Rules> rules;

    AccessGate(
            Callers callers,
            AnswerFilters filters,
            ContainerRules containers,
            NetworkRules networks,
            SecretRules secrets,
            ImageRules images,
            BuildRules builds) {
        this.callers = callers;
        this.filters = filters;
        this.containers = containers;
        this.rules = Map.ofEntries(
                Map.entry("containers", containers),
                Map.entry("exec", containers),
                Map.entry("networks", networks),
                Map.entry("volumes", networks),
                Map.entry("secrets", secrets),
                Map.entry("configs", secrets),
                Map.entry("images", images),
                Map.entry("distribution", images),
                Map.entry("commit", images),
                Map.entry("build", builds),
                Map.entry("grpc", builds),
                Map.entry("session", builds));
    }

    @Override
    public Ruling judge(Call call) {
        return switch (callers.of(call)) {
            case Callers.Caller.Known(Identity identity, boolean authorized) ->
                new Ruling.Known(identity, known(call, identity, authorized));
            case Callers.Caller.Anonymous() ->
                isPublic(call)
                        ? forward(call, null, false)
                        : new Ruling.Refuse(401, "a credential is needed: see berth token create", CHALLENGE);
            case Callers.Caller.Foreign(@Nullable Identity behind) -> forward(call, behind, false);
            case Callers.Caller.Wrong() -> new Ruling.Refuse(401, "the credential is not valid", CHALLENGE);
            case Callers.Caller.Forged() ->
                new Ruling.Refuse(
                        403, "the change does not come from a page of the dashboard: X-CSRF-Token is missing or wrong");
        };
    }

    private Ruling known(Call call, Identity identity, boolean authorized) {
        if (identity.operator() || isPublic(call)) {
            return forward(call, identity, authorized);
        }
        Passes passes = new Passes(identity, authorized, call.reads());
        Rules part = rules.get(call.target().first());
        return part == null ? other(call, passes) : part.judge(call, passes);
    }

    /** What has no rules of its own. Paths that nobody has thought of are the operators'. */
    private Ruling other(Call call, Passes passes) {
        RequestTarget target = call.target();
        int depth = target.segments().size();
        boolean looks = call.looks();
        return switch (target.first()) {
            case "info", "version" -> depth == 1 && looks ? passes.as(target) : passes.refused();
            case "plugins", "swarm", "nodes", "services", "tasks" ->
                !looks ? passes.refused() : depth == 1 ? passes.as(target) : passes.unknown();
            case "events" -> depth == 1 && looks ? passes.as(ContainerRules.own(target, passes)) : passes.refused();
            case "system" ->
                depth == 2 && looks && target.segment(1).equals("df") ? diskUsage(target, passes) : passes.refused();
            case "auth" -> depth == 1 && call.method().equals("POST") ? passes.as(target) : passes.refused();
            case "berth" ->
                switch (target.segment(1)) {
                    // These decide by themselves, by who the caller is.
                    case "registry" -> passes.as(target);
                    case "builds" -> depth == 2 && looks ? passes.as(target) : passes.refused();
                    case "exec" -> containers.execWebSocket(call, passes);
                    default -> passes.refused();
                };
            case "api" -> ownApi(call, passes, looks);
            default -> passes.refused();
        };
    }

    /** The sums are everybody's: those of the caller's own are made of the details. */
    private Ruling diskUsage(RequestTarget target, Passes passes) {
        String verbose = Targets.parameter(target, "verbose");
        return passes.filtered(
                Targets.withParameter(target, "verbose", "true"),
                filters.diskUsage(passes.who(), verbose.equals("1") || verbose.equalsIgnoreCase("true")));
    }

    /** What the gateway's own controllers decide by who the caller is, too. */
    private static Ruling ownApi(Call call, Passes passes, boolean looks) {
        RequestTarget target = call.target();
        int depth = target.segments().size();
        return switch (target.segment(1)) {
            case "tokens" -> depth <= 3 ? passes.as(target) : passes.refused();
            case "projects", "platform", "openapi.json" -> depth == 2 && looks ? passes.as(target) : passes.refused();
            default -> passes.refused();
        };
    }

    private static Ruling forward(Call call, @Nullable Identity caller, boolean authorized) {
        return new Ruling.Pass(caller, authorized, call.target(), null, null);
    }

    /** What nobody needs a credential for. */
    private static boolean isPublic(Call call) {
        RequestTarget target = call.target();
        boolean looks = call.looks();
        if (call.route().backend() == Backend.REGISTRY) {
            // It asks by itself, in the way that its clients know.
            return target.first().equals("v2") || target.first().equals("v1");
        }
        int depth = target.segments().size();
        return switch (target.first()) {
            case "_ping" -> depth == 1 && looks;
            case "", "health", "dashboard" -> depth <= 1 && looks;
            case "ui" -> looks;
            case "api" -> depth == 2 && target.segment(1).equals("session");
            default -> false;
        };
    }
}
