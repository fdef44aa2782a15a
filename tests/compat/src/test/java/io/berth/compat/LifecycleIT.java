package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Containers over time: create, start, stop, kill, restart, remove, list, inspect, wait, events. */
@CompatTest
class LifecycleIT {
    private static final String LABEL = "berth.test=lifecycle";

    private final Target target;

    LifecycleIT(Target target) {
        this.target = target;
    }

    @AfterEach
    void removeContainers() {
        target.removeContainers(LABEL);
    }

    @Test
    void aContainerGoesThroughItsStates() {
        String id = target.docker().ok("create", "--name", "states", "--label", LABEL, Target.IMAGE, "sleep", "1000");
        assertThat(state(id)).isEqualTo("created false 0");

        assertThat(target.docker().ok("start", "states")).isEqualTo("states");
        assertThat(state(id)).isEqualTo("running true 0");
        assertThat(inspect(id, "{{.State.Pid}}")).matches("[1-9]\\d*");
        assertThat(target.docker().ok("start", id)).isEqualTo(id); // starting what runs is fine

        target.docker().ok("kill", id);
        assertThat(target.docker().ok("wait", id)).isEqualTo("137");
        assertThat(state(id)).isEqualTo("exited false 137");
        assertThat(inspect(id, "{{.State.FinishedAt}}")).startsWith("20");

        target.docker().ok("start", id);
        assertThat(state(id)).isEqualTo("running true 0");
        assertThat(target.docker().run("rm", id).exited(1).err()).contains("container is running");
        target.docker().ok("rm", "-f", id);
        assertThat(target.docker().run("inspect", id).exited(1).err()).containsIgnoringCase("no such object");
    }

    @Test
    void stopIsPoliteAndThenNot() {
        String polite = detached("sh", "-c", "trap 'echo bye; exit 7' TERM; while :; do sleep 0.1; done");
        awaitTrap(polite);
        Instant began = Instant.now();
        target.docker().ok("stop", polite);
        assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(5));
        assertThat(state(polite)).isEqualTo("exited false 7");
        assertThat(target.docker().ok("logs", polite)).isEqualTo("bye");

        // A first process has no default action for signals: without a handler it must be killed when the time is over.
        String deaf = detached("sleep", "1000");
        began = Instant.now();
        target.docker().ok("stop", "-t", "1", deaf);
        assertThat(Duration.between(began, Instant.now())).isBetween(Duration.ofMillis(900), Duration.ofSeconds(6));
        assertThat(state(deaf)).isEqualTo("exited false 137");
        target.docker().ok("stop", deaf); // stopping what has stopped is fine
    }

    @Test
    void killSendsTheSignalThatWasAskedFor() {
        String id = detached("sh", "-c", "trap 'echo usr1' USR1; trap 'exit 9' INT; while :; do sleep 0.1; done");
        awaitTrap(id);
        target.docker().ok("kill", "-s", "USR1", id);
        Eventually.holds(
                Duration.ofSeconds(5),
                () -> target.docker().ok("logs", id).contains("usr1"),
                () -> target.docker().run("logs", id).toString());
        target.docker().ok("kill", "--signal", "2", id);
        assertThat(target.docker().ok("wait", id)).isEqualTo("9");
        assertThat(target.docker().run("kill", id).exited(1).err()).contains("is not running");
    }

    @Test
    void stopSignalOfTheContainerIsUsed() {
        String id = target.docker()
                .ok(
                        "run",
                        "-d",
                        "--label",
                        LABEL,
                        "--stop-signal",
                        "USR2",
                        Target.IMAGE,
                        "sh",
                        "-c",
                        "trap 'exit 12' USR2; while :; do sleep 0.1; done");
        awaitTrap(id);
        target.docker().ok("stop", id);
        assertThat(state(id)).isEqualTo("exited false 12");
    }

    @Test
    void removedWithItsEndWhenAsked() {
        String id = target.docker().ok("run", "-d", "--rm", "--label", LABEL, Target.IMAGE, "sleep", "0.2");
        Eventually.holds(
                Duration.ofSeconds(10),
                () -> target.docker().run("inspect", id).exitCode() == 1,
                () -> target.docker().run("inspect", id).toString());
    }

    @Test
    void listsAreFiltered() {
        String running = detached("sleep", "1000");
        String ended = detached("sh", "-c", "exit 4");
        target.docker().ok("wait", ended);

        assertThat(ids("--filter", "label=" + LABEL)).containsExactly(running);
        assertThat(ids("-a", "--filter", "label=" + LABEL)).containsExactlyInAnyOrder(running, ended);
        assertThat(ids("--filter", "status=exited", "--filter", "label=" + LABEL))
                .containsExactly(ended);
        assertThat(ids("-a", "--filter", "exited=4", "--filter", "label=" + LABEL))
                .containsExactly(ended);
        assertThat(ids("-a", "--filter", "id=" + ended.substring(0, 10))).containsExactly(ended);
        assertThat(ids("-a", "--filter", "ancestor=" + Target.IMAGE, "--filter", "label=" + LABEL))
                .hasSize(2);
        assertThat(ids("-a", "--filter", "label=berth.test=other")).isEmpty();
        assertThat(target.docker().ok("ps", "--format", "{{.Status}}", "--filter", "id=" + running))
                .startsWith("Up ");
        assertThat(target.docker().ok("ps", "-a", "--format", "{{.Status}}", "--filter", "id=" + ended))
                .startsWith("Exited (4)");
        assertThat(target.docker().run("ps", "--filter", "nonsense=1").exited(1).err())
                .contains("invalid filter");
    }

    @Test
    void namesAreFoundAndTakenOnce() {
        target.docker().ok("create", "--name", "taken", "--label", LABEL, Target.IMAGE, "true");

        assertThat(target.docker()
                        .run("create", "--name", "taken", Target.IMAGE, "true")
                        .exited(1)
                        .err())
                .contains("is already in use by container");
        assertThat(ids("-a", "--filter", "name=tak")).hasSize(1);
        assertThat(inspect("taken", "{{.Name}}")).isEqualTo("/taken");
        String generated = target.docker().ok("create", "--label", LABEL, Target.IMAGE, "true");
        assertThat(inspect(generated, "{{.Name}}")).matches("/[a-z]+_[a-z]+\\d?");
    }

    @Test
    void inspectTellsWhatWasAskedFor() {
        String id = target.docker()
                .ok(
                        "create",
                        "--label",
                        LABEL,
                        "--label",
                        "colour=blue",
                        "--memory",
                        "32m",
                        "--cpus",
                        "0.5",
                        "--pids-limit",
                        "50",
                        "-e",
                        "A=1",
                        "-w",
                        "/tmp",
                        "--user",
                        "nobody",
                        Target.IMAGE,
                        "echo",
                        "hello");

        assertThat(inspect(id, "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}"))
                .isEqualTo("33554432 500000000 50");
        assertThat(inspect(id, "{{.Config.User}} {{.Config.WorkingDir}} {{index .Config.Labels \"colour\"}}"))
                .isEqualTo("nobody /tmp blue");
        assertThat(inspect(id, "{{.Path}} {{json .Args}} {{json .Config.Cmd}}"))
                .isEqualTo("echo [\"hello\"] [\"echo\",\"hello\"]");
        assertThat(inspect(id, "{{.Config.Image}}")).isEqualTo(Target.IMAGE);
        assertThat(inspect(id, "{{.Image}}"))
                .isEqualTo(target.docker().ok("inspect", "--format", "{{.Id}}", Target.IMAGE));
        assertThat(inspect(id.substring(0, 6), "{{.Id}}")).isEqualTo(id);
    }

    @Test
    void waitEndsForEveryWaiter() {
        String id = detached("sh", "-c", "sleep 1; exit 6");
        try (Running first = target.docker().start("wait", id);
                Running second = target.docker().start("wait", id)) {
            assertThat(first.await(Duration.ofSeconds(20)).ok()).isEqualTo("6");
            assertThat(second.await(Duration.ofSeconds(20)).ok()).isEqualTo("6");
        }
    }

    @Test
    void eventsTellTheStory() {
        String since = Long.toString(Instant.now().getEpochSecond());
        try (Running events =
                target.docker().start("events", "--filter", "label=" + LABEL, "--format", "{{.Type}} {{.Action}}")) {
            // A stream of events has no beginning that could be seen: make sure of it with a first one.
            Eventually.holds(
                    Duration.ofSeconds(10),
                    () -> {
                        target.docker().ok("create", "--label", LABEL, Target.IMAGE, "true");
                        return events.outUntilNow().contains("container create");
                    },
                    events::outUntilNow);
            String id = detached("sh", "-c", "exit 2");
            target.docker().ok("wait", id);
            target.docker().ok("rm", id);
            Eventually.holds(
                    Duration.ofSeconds(10),
                    () -> events.outUntilNow().contains("container destroy"),
                    events::outUntilNow);
            assertThat(events.outUntilNow())
                    .containsSubsequence("container create", "container start", "container die", "container destroy");
        }
        String until = Long.toString(Instant.now().getEpochSecond() + 1);
        String past = target.docker()
                .ok(
                        "events",
                        "--since",
                        since,
                        "--until",
                        until,
                        "--filter",
                        "event=die",
                        "--filter",
                        "label=" + LABEL,
                        "--format",
                        "{{.Action}} {{index .Actor.Attributes \"exitCode\"}}");
        assertThat(past).contains("die 2");
    }

    private String detached(String... command) {
        String[] arguments = new String[command.length + 5];
        System.arraycopy(new String[] {"run", "-d", "--label", LABEL, Target.IMAGE}, 0, arguments, 0, 5);
        System.arraycopy(command, 0, arguments, 5, command.length);
        return target.docker().ok(arguments);
    }

    /** A shell has its trap set before it starts its first child. */
    private void awaitTrap(String id) {
        Eventually.holds(
                Duration.ofSeconds(10),
                () -> target.docker().run("exec", id, "sh", "-c", "pidof sleep").exitCode() == 0,
                () -> state(id));
    }

    private List<String> ids(String... filters) {
        String[] arguments = new String[filters.length + 3];
        System.arraycopy(new String[] {"ps", "-q", "--no-trunc"}, 0, arguments, 0, 3);
        System.arraycopy(filters, 0, arguments, 3, filters.length);
        return target.docker().ok(arguments).lines().toList();
    }

    private String state(String id) {
        return inspect(id, "{{.State.Status}} {{.State.Running}} {{.State.ExitCode}}");
    }

    private String inspect(String id, String format) {
        return target.docker().ok("inspect", "--type", "container", "--format", format, id);
    }
}
