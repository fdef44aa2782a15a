package io.berth.registry.account.web;

import io.berth.registry.access.RepositoryPattern;
import io.berth.registry.account.Robot;
import io.berth.registry.account.Robots;
import io.berth.registry.body.Bodies;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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

/** Robots. A secret is in one answer and nowhere else. */
@RestController
@RequestMapping("/berth/registry/robots")
final class RobotController {
    private static final int DEFAULT_DAYS = 90;

    private final Robots robots;

    RobotController(Robots robots) {
        this.robots = robots;
    }

    /** <pre>{"name": "ci", "login": "robot+ci", "description": "", "disabled": false, "created": "…", "expires": "…"}</pre> */
    record RobotView(
            String name, String login, String description, boolean disabled, Instant created, Instant expires) {
        static RobotView of(Robot robot) {
            return new RobotView(
                    robot.name(),
                    Robot.LOGIN_PREFIX + robot.name(),
                    robot.description(),
                    robot.disabled(),
                    robot.createdAt(),
                    robot.expiresAt());
        }
    }

    record RobotList(List<RobotView> robots) {}

    record NewGrant(@Nullable String repositories, @Nullable List<String> actions) {}

    /** Days null: 90. */
    record NewRobot(
            @Nullable String name,
            @Nullable String description,
            @Nullable Integer days,
            @Nullable List<NewGrant> grants) {}

    record RobotChange(boolean disabled) {}

    record NewSecret(@Nullable Integer days) {}

    record Created(String name, String login, String secret) {}

    @GetMapping
    RobotList list() {
        return new RobotList(robots.all().stream().map(RobotView::of).toList());
    }

    @PostMapping
    ResponseEntity<Created> create(HttpServletRequest request) throws IOException {
        NewRobot wanted = Bodies.json(request.getInputStream(), NewRobot.class);
        String name = wanted.name() == null ? "" : wanted.name();
        String description = wanted.description() == null ? "" : wanted.description();
        List<NewGrant> grants = wanted.grants() == null ? List.of() : wanted.grants();
        String secret = Refusals.translate(() -> robots.create(
                        name,
                        description,
                        lifetime(wanted.days()),
                        grants.stream().map(RobotController::grant).toList())
                .orElse(null));
        if (secret == null) {
            throw RegistryException.of(409, ErrorCode.DENIED, "there is a robot of this name already");
        }
        return ResponseEntity.status(HttpStatus.CREATED).body(new Created(name, Robot.LOGIN_PREFIX + name, secret));
    }

    private static Robots.Grant grant(NewGrant wanted) {
        Robots.Grant grant = new Robots.Grant(
                new RepositoryPattern(String.valueOf(wanted.repositories())),
                PolicyController.actions(wanted.actions()));
        if (grant.actions().isEmpty()) {
            throw new IllegalArgumentException("no action is granted: one or more of pull, push, delete");
        }
        return grant;
    }

    private static Duration lifetime(@Nullable Integer days) {
        return Duration.ofDays(days == null ? DEFAULT_DAYS : days);
    }

    @PostMapping("/{robot}/secret")
    Created renew(@PathVariable String robot, HttpServletRequest request) throws IOException {
        NewSecret wanted = Bodies.json(request.getInputStream(), NewSecret.class);
        String secret = Refusals.translate(
                () -> robots.renew(robot, lifetime(wanted.days())).orElse(null));
        if (secret == null) {
            throw Refusals.unknown("robot");
        }
        return new Created(robot, Robot.LOGIN_PREFIX + robot, secret);
    }

    @PatchMapping("/{robot}")
    ResponseEntity<Void> change(@PathVariable String robot, HttpServletRequest request) throws IOException {
        RobotChange wanted = Bodies.json(request.getInputStream(), RobotChange.class);
        return found(robots.disable(robot, wanted.disabled()));
    }

    @DeleteMapping("/{robot}")
    ResponseEntity<Void> delete(@PathVariable String robot) {
        return found(robots.delete(robot));
    }

    private static ResponseEntity<Void> found(boolean known) {
        if (!known) {
            throw Refusals.unknown("robot");
        }
        return ResponseEntity.noContent().build();
    }
}
