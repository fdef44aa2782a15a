package io.berth.engine.container;

import io.berth.docker.container.TopResponse;
import io.berth.docker.error.Conflict;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.runtime.ContainerRuntime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Lists a container's processes from /proc; no program is run, neither the host's nor the container's. */
@Component
public final class TopContainer {
    private static final List<String> FULL = List.of("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD");
    private static final List<String> BSD =
            List.of("USER", "PID", "%CPU", "%MEM", "VSZ", "RSS", "TTY", "STAT", "START", "TIME", "COMMAND");

    private final ContainerRuntime runtime;
    private final ContainerEvents events;

    TopContainer(ContainerRuntime runtime, ContainerEvents events) {
        this.runtime = runtime;
        this.events = events;
    }

    /**
     * @param arguments those of ps: {@code -ef} (also when empty), {@code aux}, or {@code -o} with a list of columns
     * @throws Conflict when the container does not run
     * @throws InvalidParameter for other arguments
     */
    public TopResponse top(Container container, String arguments) {
        List<String> columns = columns(arguments);
        if (container.run().isEmpty()) {
            throw new Conflict("container " + container.id() + " is not running");
        }
        List<List<String>> rows = new ArrayList<>();
        for (long pid : runtime.processes(container.id())) {
            Optional<ProcFacts> facts = ProcFacts.read(pid);
            facts.ifPresent(
                    process -> rows.add(columns.stream().map(process::column).toList()));
        }
        events.publish(container, "top");
        return new TopResponse(columns, rows);
    }

    private static List<String> columns(String arguments) {
        String normalised = arguments.strip();
        if (normalised.isEmpty() || normalised.equals("-ef") || normalised.equals("ef")) {
            return FULL;
        }
        if (normalised.equals("aux") || normalised.equals("-aux")) {
            return BSD;
        }
        String list = normalised.replaceFirst("^-?(e|ax)?o\\s*", "");
        if (list.equals(normalised)) {
            throw new InvalidParameter("ps arguments \"" + arguments + "\" are not supported: use -ef, aux or -o");
        }
        List<String> columns = Arrays.stream(list.split("[,\\s]+"))
                .map(name -> name.toUpperCase(Locale.ROOT))
                .map(name -> name.equals("ARGS") ? "COMMAND" : name)
                .toList();
        for (String column : columns) {
            if (!ProcFacts.knows(column)) {
                throw new InvalidParameter("unknown ps column \"" + column + "\"");
            }
        }
        if (!columns.contains("PID")) {
            throw new InvalidParameter("Couldn't find PID field in ps output");
        }
        return columns;
    }
}
