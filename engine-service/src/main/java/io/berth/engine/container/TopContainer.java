package io.berth.engine.container;

import io.berth.docker.container.TopResponse;
import io.berth.docker.error.Conflict;
import io.berth.engine.runtime.ContainerRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Lists a container's processes from /proc; no program is run, neither the host's nor the container's. */
@Component
public final class TopContainer {
    private final ContainerRuntime runtime;
    private final ContainerEvents events;

    TopContainer(ContainerRuntime runtime, ContainerEvents events) {
        this.runtime = runtime;
        this.events = events;
    }

    /**
     * @param arguments those of ps: {@code -ef} (also when empty), {@code aux}, or {@code -o} with a list of columns
     * @throws Conflict when the container does not run
     * @throws io.berth.docker.error.InvalidParameter for other arguments
     */
    public TopResponse top(Container container, String arguments) {
        List<PsFormat.Column> columns = PsFormat.parse(arguments);
        ContainerStatus status = container.snapshot().state().status();
        if (status == ContainerStatus.RESTARTING) {
            throw new Conflict("container " + container.id() + " is restarting, wait until the container is running");
        }
        if (container.run().isEmpty()) {
            throw new Conflict("container " + container.id() + " is not running");
        }
        Map<String, String> users = ProcFacts.users();
        List<List<String>> rows = new ArrayList<>();
        for (long pid : runtime.processes(container.id())) {
            Optional<ProcFacts> facts = ProcFacts.read(pid);
            facts.ifPresent(process -> rows.add(PsFormat.row(columns, process, users)));
        }
        events.publish(container, "top");
        return new TopResponse(PsFormat.titles(columns), rows);
    }
}
