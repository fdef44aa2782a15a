package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Health checks, by the stock client. */
@CompatTest
class HealthIT {
    private static final String LABEL = "berth.test=health";

    private final Target target;

    HealthIT(Target target) {
        this.target = target;
    }

    @AfterEach
    void removeContainers() {
        target.removeContainers(LABEL);
    }

    private String inspect(String id, String format) {
        return target.docker().ok("inspect", "--format", format, id);
    }

    private void awaitHealth(String id, String status) {
        Eventually.holds(
                Duration.ofSeconds(30),
                () -> inspect(id, "{{.State.Health.Status}}").equals(status),
                () -> inspect(id, "{{json .State}}"));
    }

    @Test
    void followsWhatTheProbesSay() {
        Instant since = Instant.now();
        String id = target.docker()
                .ok(
                        "run",
                        "-d",
                        "--label",
                        LABEL,
                        "--health-cmd",
                        "echo looking; test ! -e /ill",
                        "--health-interval",
                        "300ms",
                        "--health-retries",
                        "2",
                        "--health-timeout",
                        "10s",
                        Target.IMAGE,
                        "sleep",
                        "1000");
        assertThat(target.docker().ok("ps", "--format", "{{.Status}}", "--filter", "id=" + id))
                .matches("Up .* \\((health: starting|healthy)\\)");
        awaitHealth(id, "healthy");
        assertThat(target.docker()
                        .ok("ps", "--format", "{{.Status}}", "--filter", "health=healthy", "--filter", "id=" + id))
                .endsWith(" (healthy)");
        assertThat(inspect(id, "{{(index .State.Health.Log 0).ExitCode}} {{(index .State.Health.Log 0).Output}}"))
                .startsWith("0 looking");
        target.docker().ok("exec", id, "touch", "/ill");
        awaitHealth(id, "unhealthy");
        assertThat(inspect(id, "{{.State.Status}} {{len .State.Health.Log}}")).startsWith("running ");
        target.docker().ok("exec", id, "rm", "/ill");
        awaitHealth(id, "healthy");
        target.docker().ok("stop", "-t", "0", id);
        assertThat(target.docker()
                        .ok(
                                "events",
                                "--since",
                                since.toString(),
                                "--until",
                                Instant.now().toString(),
                                "--filter",
                                "container=" + id,
                                "--filter",
                                "event=health_status",
                                "--format",
                                "{{.Action}}")
                        .lines())
                .containsExactly("health_status: healthy", "health_status: unhealthy", "health_status: healthy");
    }

    @Test
    void killsAProbeThatTakesTooLong() {
        String id = target.docker()
                .ok(
                        "run",
                        "-d",
                        "--label",
                        LABEL,
                        "--health-cmd",
                        "exec sleep 100",
                        "--health-interval",
                        "200ms",
                        "--health-timeout",
                        "500ms",
                        "--health-retries",
                        "1",
                        Target.IMAGE,
                        "sleep",
                        "1000");
        awaitHealth(id, "unhealthy");
        assertThat(inspect(id, "{{(index .State.Health.Log 0).ExitCode}} {{(index .State.Health.Log 0).Output}}"))
                .isEqualTo("-1 Health check exceeded timeout (500ms)");
    }

    @Test
    void canBeTurnedOff() {
        String id =
                target.docker().ok("run", "-d", "--label", LABEL, "--no-healthcheck", Target.IMAGE, "sleep", "1000");
        assertThat(inspect(id, "{{.State.Health}}")).isIn("<nil>", "<no value>");
        assertThat(inspect(id, "{{.Config.Healthcheck.Test}}")).isEqualTo("[NONE]");
        assertThat(target.docker()
                        .run("run", "--rm", "--health-cmd", "true", "--health-interval", "10us", Target.IMAGE, "true")
                        .exited(125)
                        .err())
                .contains("Interval in Healthcheck cannot be less than 1ms");
    }

    @Test
    @BerthOnly
    void restartsWhatIsUnhealthyWhenAsked() {
        String id = target.docker()
                .ok(
                        "run",
                        "-d",
                        "--label",
                        LABEL,
                        "--label",
                        "io.berth.on-unhealthy=restart",
                        "--health-cmd",
                        "test ! -e /run/ill || { rm /run/ill; exit 1; }",
                        "--health-interval",
                        "200ms",
                        "--health-retries",
                        "1",
                        Target.IMAGE,
                        "sh",
                        "-c",
                        "mkdir -p /run; trap 'exit 0' TERM; while :; do sleep 0.1; done");
        awaitHealth(id, "healthy");
        String started = inspect(id, "{{.State.StartedAt}}");
        target.docker().ok("exec", id, "touch", "/run/ill");
        Eventually.holds(
                Duration.ofSeconds(30),
                () -> !inspect(id, "{{.State.StartedAt}}").equals(started),
                () -> inspect(id, "{{json .State}}"));
        awaitHealth(id, "healthy");
    }
}
