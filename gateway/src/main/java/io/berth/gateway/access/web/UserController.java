package io.berth.gateway.access.web;

import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.gateway.access.Role;
import io.berth.gateway.access.account.Directory;
import io.berth.gateway.access.account.Member;
import io.berth.gateway.access.account.Members;
import io.berth.gateway.access.body.Bodies;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Users, which are the operators' to make. No answer carries a hash. */
@RestController
@RequestMapping("/api/users")
final class UserController {
    private final Members members;
    private final Directory directory;

    UserController(Members members, Directory directory) {
        this.members = members;
        this.directory = directory;
    }

    /** <pre>{"name": "alice", "role": "developer", "projects": ["shop"], "disabled": false, "password": true, "created": "2026-…Z"}</pre> */
    record UserView(
            String name, String role, List<String> projects, boolean disabled, boolean password, Instant created) {
        static UserView of(Member member) {
            return new UserView(
                    member.name(),
                    member.role().id(),
                    member.projects(),
                    member.disabled(),
                    !member.passwordHash().isEmpty(),
                    member.createdAt());
        }
    }

    record UserList(List<UserView> users) {}

    /** @param password absent for a user of tokens only */
    record NewUser(
            @Nullable String name,
            @Nullable String password,
            @Nullable String role,
            @Nullable List<String> projects) {
        @Override
        public String toString() {
            return "NewUser[" + name + "]";
        }
    }

    record UserChange(
            @Nullable String password,
            @Nullable String role,
            @Nullable List<String> projects,
            @Nullable Boolean disabled) {
        @Override
        public String toString() {
            return "UserChange";
        }
    }

    @GetMapping
    UserList list(HttpServletRequest request) {
        var _ = RequestIdentity.operator(request);
        return new UserList(directory.members().stream()
                .sorted(Comparator.comparing(Member::name))
                .map(UserView::of)
                .toList());
    }

    @PostMapping
    ResponseEntity<UserView> create(HttpServletRequest request) throws IOException {
        var _ = RequestIdentity.operator(request);
        NewUser user = Bodies.json(request.getInputStream(), NewUser.class);
        if (user.name() == null || user.role() == null) {
            throw new InvalidParameter("a user needs a name and a role");
        }
        List<String> projects = Objects.requireNonNullElse(user.projects(), List.of());
        if (!members.create(user.name(), user.password(), Role.of(user.role()), projects)) {
            throw new Conflict("the name is taken: " + user.name());
        }
        return ResponseEntity.status(HttpStatus.CREATED).body(view(user.name()));
    }

    @PatchMapping("/{name}")
    UserView change(@PathVariable String name, HttpServletRequest request) throws IOException {
        var _ = RequestIdentity.operator(request);
        UserChange change = Bodies.json(request.getInputStream(), UserChange.class);
        Members.Changes changes = new Members.Changes(
                change.password(),
                change.role() == null ? null : Role.of(change.role()),
                change.projects(),
                change.disabled());
        if (!members.change(name, changes)) {
            throw new NotFound("no such user: " + name);
        }
        return view(name);
    }

    @DeleteMapping("/{name}")
    ResponseEntity<Void> delete(@PathVariable String name, HttpServletRequest request) {
        var _ = RequestIdentity.operator(request);
        if (!members.delete(name)) {
            throw new NotFound("no such user: " + name);
        }
        return ResponseEntity.noContent().build();
    }

    private UserView view(String name) {
        return directory.member(name).map(UserView::of).orElseThrow(() -> new NotFound("no such user: " + name));
    }
}
