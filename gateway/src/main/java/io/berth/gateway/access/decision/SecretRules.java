package io.berth.gateway.access.decision;

import io.berth.gateway.access.Call;
import io.berth.gateway.access.Role;
import io.berth.gateway.access.Ruling;
import io.berth.gateway.access.policy.ExecPolicy;
import io.berth.gateway.route.RequestTarget;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/** {@code /secrets} and {@code /configs}. */
@Component
final class SecretRules implements Rules {
    private final Owners owners;

    SecretRules(Owners owners) {
        this.owners = owners;
    }

    @Override
    public Ruling judge(Call call, Passes passes) {
        RequestTarget target = call.target();
        boolean looks = call.looks();
        int depth = target.segments().size();
        if (looks && depth == 1) {
            return passes.as(ContainerRules.own(target, passes));
        }
        if (looks && depth == 2) {
            return owned(call, passes, passes::as);
        }
        if (passes.who().role() != Role.DEVELOPER) {
            return passes.refused();
        }
        if (depth == 2 && call.method().equals("DELETE")) {
            return owned(call, passes, passes::as);
        }
        if (depth == 2 && call.method().equals("POST") && target.segment(1).equals("create")) {
            return passes.read(body -> {
                ExecPolicy.secret(body, ContainerRules.project(passes.who()));
                return passes.with(target, body);
            });
        }
        if (depth == 3 && call.method().equals("POST") && target.segment(2).equals("update")) {
            return passes.read(body -> {
                ExecPolicy.secret(body, ContainerRules.project(passes.who()));
                return owned(call, passes, named -> passes.with(named, body));
            });
        }
        return passes.unknown();
    }

    private Ruling owned(Call call, Passes passes, Function<RequestTarget, Ruling> pass) {
        String kind = call.target().first().equals("secrets") ? "secret" : "config";
        return new Ruling.Later(owners.secret(passes.who(), kind, call.target().segment(1))
                .thenApply(id -> pass.apply(Targets.with(call.target(), 1, id))));
    }
}
