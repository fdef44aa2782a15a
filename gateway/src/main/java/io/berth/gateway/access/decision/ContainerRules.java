package io.berth.gateway.access.decision;

import io.berth.gateway.access.Call;
import io.berth.gateway.access.Identity;
import io.berth.gateway.access.Role;
import io.berth.gateway.access.Ruling;
import io.berth.gateway.access.account.Directory;
import io.berth.gateway.access.account.Project;
import io.berth.gateway.access.policy.ContainerPolicy;
import io.berth.gateway.access.policy.ExecPolicy;
import io.berth.gateway.access.policy.Labels;
import io.berth.gateway.access.policy.Policy;
import io.berth.gateway.access.policy.Reference;
import io.berth.gateway.route.RequestTarget;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** {@code /containers} and {@code /exec}. */
@Component
final class ContainerRules implements Rules {
    private static final Set<String> LOOKS = Set.of("json", "top", "stats", "logs");
    private static final Set<String> READS = Set.of("changes", "export", "archive");
    private static final Set<String> ACTS =
            Set.of("start", "stop", "restart", "kill", "pause", "unpause", "resize", "rename", "wait", "attach");

    private final Owners owners;
    private final Directory directory;

    ContainerRules(Owners owners, Directory directory) {
        this.owners = owners;
        this.directory = directory;
    }

    @Override
    public Ruling judge(Call call, Passes passes) {
        return call.target().first().equals("exec") ? exec(call, passes) : container(call, passes);
    }

    private Ruling container(Call call, Passes passes) {
        RequestTarget target = call.target();
        String method = call.method();
        boolean looks = call.looks();
        boolean developer = passes.who().role() == Role.DEVELOPER;
        int depth = target.segments().size();
        String second = target.segment(1);
        if (depth == 2 && looks && second.equals("json")) {
            return passes.as(own(target, passes));
        }
        if (!looks && !developer) {
            return passes.refused();
        }
        if (depth == 2 && method.equals("POST")) {
            return switch (second) {
                case "create" -> passes.read(body -> create(call, passes, body));
                case "prune" -> passes.as(own(target, passes));
                default -> passes.unknown();
            };
        }
        if (depth == 2 && method.equals("DELETE")) {
            return owned(call, passes, passes::as);
        }
        String verb = target.segment(2);
        if (depth == 4 && looks && verb.equals("attach") && target.segment(3).equals("ws")) {
            return developer ? owned(call, passes, passes::as) : passes.refused();
        }
        if (depth != 3) {
            return passes.unknown();
        }
        if (looks) {
            if (LOOKS.contains(verb)) {
                return owned(call, passes, passes::as);
            }
            return READS.contains(verb) && developer ? owned(call, passes, passes::as) : denied(verb, passes);
        }
        if (method.equals("PUT")) {
            return verb.equals("archive") ? owned(call, passes, passes::as) : passes.unknown();
        }
        if (!method.equals("POST")) {
            return passes.unknown();
        }
        if (verb.equals("exec")) {
            return passes.read(body -> {
                ExecPolicy.create(body);
                return owned(call, passes, named -> passes.with(named, body));
            });
        }
        if (verb.equals("update")) {
            return passes.read(body -> {
                new ContainerPolicy(project(passes.who()), policy(passes.who())).update(body);
                return owned(call, passes, named -> passes.with(named, body));
            });
        }
        return ACTS.contains(verb) ? owned(call, passes, passes::as) : passes.unknown();
    }

    private static Ruling denied(String verb, Passes passes) {
        return READS.contains(verb) ? passes.refused() : passes.unknown();
    }

    private Ruling create(Call call, Passes passes, ObjectNode body) {
        String project = project(passes.who());
        List<Reference> references = new ContainerPolicy(project, policy(passes.who())).create(body);
        return new Ruling.Later(
                owners.toCreate(passes.who(), references).thenApply(_ -> passes.with(call.target(), body)));
    }

    private Ruling exec(Call call, Passes passes) {
        RequestTarget target = call.target();
        if (passes.who().role() != Role.DEVELOPER) {
            return passes.refused();
        }
        boolean known = target.segments().size() == 3
                && switch (target.segment(2)) {
                    case "start", "resize" -> call.method().equals("POST");
                    case "json" -> call.looks();
                    default -> false;
                };
        return known
                ? new Ruling.Later(owners.exec(passes.who(), target.segment(1)).thenApply(_ -> passes.as(target)))
                : passes.unknown();
    }

    /** {@code /berth/exec/{id}/ws}, which starts an exec by a door for browsers. */
    Ruling execWebSocket(Call call, Passes passes) {
        RequestTarget target = call.target();
        if (target.segments().size() != 4
                || !target.segment(3).equals("ws")
                || !call.method().equals("GET")) {
            return passes.unknown();
        }
        return passes.who().role() == Role.DEVELOPER
                ? new Ruling.Later(owners.exec(passes.who(), target.segment(2)).thenApply(_ -> passes.as(target)))
                : passes.refused();
    }

    /** The container's full id takes the place of its name, so that what was checked is what is meant. */
    private Ruling owned(Call call, Passes passes, Function<RequestTarget, Ruling> pass) {
        CompletionStage<String> id =
                owners.container(passes.who(), call.target().segment(1));
        return new Ruling.Later(id.thenApply(full -> pass.apply(Targets.with(call.target(), 1, full))));
    }

    private Policy policy(Identity who) {
        return directory
                .project(project(who))
                .map(Project::policy)
                .map(Policy::parse)
                .orElse(Policy.STRICTEST);
    }

    static RequestTarget own(RequestTarget target, Passes passes) {
        return Targets.withLabel(target, Labels.PROJECT + "=" + project(passes.who()));
    }

    /** Where new things go. Who is no operator and has no project left sees nothing: no project has an empty name. */
    static String project(Identity who) {
        return who.home().orElse("");
    }
}
