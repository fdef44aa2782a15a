package io.berth.registry.account.web;

import io.berth.registry.access.Action;
import io.berth.registry.access.RepositoryPattern;
import io.berth.registry.account.Grantee;
import io.berth.registry.account.Policies;
import io.berth.registry.account.Policy;
import io.berth.registry.body.Bodies;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Policies. */
@RestController
@RequestMapping("/berth/registry/policies")
final class PolicyController {
    private static final Pattern ID = Pattern.compile("[0-9]{1,18}");

    private final Policies policies;

    PolicyController(Policies policies) {
        this.policies = policies;
    }

    /** <pre>{"id": 3, "repositories": "team/**", "grantee": "group:devs", "actions": ["pull", "push"]}</pre> */
    record PolicyView(long id, String repositories, String grantee, List<String> actions) {
        static PolicyView of(Policy policy) {
            return new PolicyView(
                    policy.id(),
                    policy.repositories().value(),
                    policy.grantee().value(),
                    policy.actions().stream().sorted().map(Action::word).toList());
        }
    }

    record PolicyList(List<PolicyView> policies) {}

    record NewPolicy(
            @Nullable String repositories,
            @Nullable String grantee,
            @Nullable List<String> actions) {}

    @GetMapping
    PolicyList list() {
        return new PolicyList(policies.all().stream().map(PolicyView::of).toList());
    }

    @PostMapping
    ResponseEntity<PolicyView> grant(HttpServletRequest request) throws IOException {
        NewPolicy wanted = Bodies.json(request.getInputStream(), NewPolicy.class);
        Policy granted = Refusals.translate(() -> policies.grant(
                new RepositoryPattern(String.valueOf(wanted.repositories())),
                new Grantee(String.valueOf(wanted.grantee())),
                actions(wanted.actions())));
        return ResponseEntity.status(HttpStatus.CREATED).body(PolicyView.of(granted));
    }

    /** @throws IllegalArgumentException for a word that is no action */
    static Set<Action> actions(@Nullable List<String> words) {
        Set<Action> actions = EnumSet.noneOf(Action.class);
        for (String word : words == null ? List.<String>of() : words) {
            actions.add(Action.of(word)
                    .orElseThrow(() -> new IllegalArgumentException("invalid action: one of pull, push, delete")));
        }
        return actions;
    }

    @DeleteMapping("/{id}")
    ResponseEntity<Void> revoke(@PathVariable String id) {
        if (!ID.matcher(id).matches() || !policies.revoke(Long.parseLong(id))) {
            throw Refusals.unknown("policy");
        }
        return ResponseEntity.noContent().build();
    }
}
