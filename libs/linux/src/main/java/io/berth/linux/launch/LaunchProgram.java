package io.berth.linux.launch;

import io.berth.linux.fd.Fd;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a child does between {@code clone3} and becoming its program: a list of named system calls, made in order until
 * one fails that may not.
 *
 * <p>Immutable and free of native memory, so it can be read back, compared with expectations and launched any number of
 * times and concurrently. Descriptors it names ({@link FdArgument.Open}) must be open at each launch.
 */
public final class LaunchProgram {
    /** What {@code clone} is called with to make a process in a pid namespace that it joins, after all steps before. */
    public static final long ENTERING_CLONE_FLAGS = JoiningStage.CLONE_FLAGS;

    private final List<Step> steps;
    private final int entry;
    private final Optional<Rendezvous> rendezvous;

    /**
     * @param entry how many steps come before the process enters the pid namespace that it joins; 0 when it joins none
     */
    LaunchProgram(List<Step> steps, int entry, Optional<Rendezvous> rendezvous) {
        this.steps = List.copyOf(steps);
        this.entry = entry;
        this.rendezvous = rendezvous;
    }

    /**
     * Where the child waits until this process has acted.
     *
     * @param ready the child stores a number other than zero here when it waits
     * @param go this process stores 1 here when the child may go on
     */
    record Rendezvous(Scratch ready, Scratch go) {}

    public static LaunchProgramBuilder builder() {
        return new LaunchProgramBuilder();
    }

    /** Descriptors of this process that the program names. */
    Set<Fd> descriptors() {
        Set<Fd> found = new LinkedHashSet<>();
        for (Step step : steps) {
            step.arguments().forEach(argument -> collect(argument, found));
        }
        return found;
    }

    private static void collect(Argument argument, Set<Fd> found) {
        switch (argument) {
            case FdArgument.Open(Fd fd) -> found.add(fd);
            case Argument.Structure(Blob blob) -> blob.members().forEach(member -> collect(member.value(), found));
            default -> {
                // names no descriptor of this process
            }
        }
    }

    /** The calls in order. */
    public List<Step> steps() {
        return steps;
    }

    /** The steps that make one kind of call, in order. */
    public List<Step> steps(io.berth.linux.abi.SyscallNumber call) {
        return steps.stream().filter(step -> step.call() == call).toList();
    }

    /** Whether the process enters a pid namespace on its way ({@link ProcessSteps#enterPidNamespace}). */
    public boolean entersPidNamespace() {
        return entry > 0;
    }

    /** The steps that a stage outside of the pid namespace does. */
    List<Step> stepsBeforeEntry() {
        return steps.subList(0, entry);
    }

    /** The steps that the process itself does; all of them when it enters no pid namespace. */
    List<Step> stepsAfterEntry() {
        return steps.subList(entry, steps.size());
    }

    /** Whether the child waits for a {@link ParentAction}. */
    public boolean awaitsParent() {
        return rendezvous.isPresent();
    }

    Optional<Rendezvous> rendezvous() {
        return rendezvous;
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        steps.forEach(step -> text.append(step).append('\n'));
        return text.toString();
    }
}
