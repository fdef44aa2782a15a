package io.berth.registry.account;

import io.berth.registry.access.Action;
import io.berth.registry.access.RepositoryPattern;
import io.berth.registry.audit.AuditLog;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/** The robots. Thread-safe; what a method has done is durable and in force when it returns. */
@Component
public class Robots {
    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?");
    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final int MAX_DESCRIPTION = 255;
    private static final String NOBODYS = Secrets.hash(Secrets.random());

    private final RobotRows rows;
    private final PolicyRows policies;
    private final Directory directory;
    private final AuditLog audit;
    private final Clock clock = Clock.systemUTC();

    Robots(RobotRows rows, PolicyRows policies, Directory directory, AuditLog audit) {
        this.rows = rows;
        this.policies = policies;
        this.directory = directory;
        this.audit = audit;
    }

    /** What a robot may do where. */
    public record Grant(RepositoryPattern repositories, Set<Action> actions) {
        public Grant {
            actions = Set.copyOf(actions);
        }
    }

    /** All robots by name. */
    public List<Robot> all() {
        return directory.robots().stream()
                .sorted(Comparator.comparing(Robot::name))
                .toList();
    }

    /** The robot of a name and its secret; empty for every other pair, after the same work, and once it has expired. */
    public Optional<Robot> login(String name, String secret) {
        Robot robot = directory.robot(name).orElse(null);
        boolean right = Secrets.matches(secret, robot == null ? NOBODYS : robot.secretHash());
        return right && robot != null && valid(robot) ? Optional.of(robot) : Optional.empty();
    }

    /** Whether a robot may come in now. */
    public boolean valid(Robot robot) {
        return !robot.disabled() && clock.instant().isBefore(robot.expiresAt());
    }

    /**
     * Makes a robot.
     *
     * @param lifetime of its secret
     * @return its secret, which nobody can ask for again; empty when the name is taken
     * @throws IllegalArgumentException for what is outside its grammar or range
     */
    public Optional<String> create(String name, String description, Duration lifetime, List<Grant> grants) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("invalid robot name");
        }
        if (description.length() > MAX_DESCRIPTION) {
            throw new IllegalArgumentException("the description is too long");
        }
        check(lifetime);
        String secret = Secrets.random();
        return directory.change(() -> {
            if (rows.findByName(name).isPresent()) {
                return Optional.<String>empty();
            }
            Instant now = clock.instant();
            rows.save(new RobotEntity(name, description, Secrets.hash(secret), now, now.plus(lifetime)));
            Grantee grantee = new Grantee("robot:" + name);
            for (Grant grant : grants) {
                policies.save(new PolicyEntity(grant.repositories(), grantee, grant.actions(), now));
            }
            audit.record(
                    "robot.create", name, Map.of("expires", now.plus(lifetime).toString(), "grants", text(grants)));
            return Optional.of(secret);
        });
    }

    private static void check(Duration lifetime) {
        if (!lifetime.isPositive() || lifetime.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a robot's secret lasts at most " + LONGEST.toDays() + " days");
        }
    }

    private static String text(List<Grant> grants) {
        return String.join(
                ";",
                grants.stream()
                        .map(grant -> grant.repositories() + ":" + Action.format(grant.actions()))
                        .toList());
    }

    /** Gives a robot another secret; the old one and its tokens are void from now on. Empty when there is no such robot. */
    public Optional<String> renew(String name, Duration lifetime) {
        check(lifetime);
        String secret = Secrets.random();
        return directory.change(() -> {
            RobotEntity row = rows.findByName(name).orElse(null);
            if (row == null) {
                return Optional.<String>empty();
            }
            Instant now = clock.instant();
            row.secret(Secrets.hash(secret), now, now.plus(lifetime));
            rows.save(row);
            audit.record(
                    "robot.renew", name, Map.of("expires", now.plus(lifetime).toString()));
            return Optional.of(secret);
        });
    }

    /** Refuses or admits a robot from now on. Whether there is one of the name. */
    public boolean disable(String name, boolean disabled) {
        return directory.change(() -> {
            RobotEntity row = rows.findByName(name).orElse(null);
            if (row == null) {
                return false;
            }
            row.disabled(disabled, clock.instant());
            rows.save(row);
            audit.record("robot.change", name, Map.of("disabled", String.valueOf(disabled)));
            return true;
        });
    }

    /** Removes a robot and what was granted to it. Whether there was one. */
    public boolean delete(String name) {
        return directory.change(() -> {
            RobotEntity row = rows.findByName(name).orElse(null);
            if (row == null) {
                return false;
            }
            int grants =
                    policies.deleteByGrantee(Grantee.of(row.robot().subject()).value());
            rows.delete(row);
            audit.record("robot.delete", name, Map.of("policies", String.valueOf(grants)));
            return true;
        });
    }
}
