package io.berth.linux.launch;

import io.berth.linux.abi.SyscallNumber;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One system call of a launch program.
 *
 * @param name what it is for, as an error message tells it: {@code mount proc on /proc}
 * @param kind what its outcome means for the program
 * @param call the system call
 * @param arguments up to six; missing ones are zero
 * @param tolerated errors after which the program goes on
 * @param toleratesAll whether it goes on after any error
 * @param resultTarget where its result is also stored, as 64 bits
 */
public record Step(
        String name,
        Kind kind,
        SyscallNumber call,
        List<Argument> arguments,
        Set<Integer> tolerated,
        boolean toleratesAll,
        Optional<Argument.ScratchAddress> resultTarget) {

    /** What a step's outcome means for the program. */
    public enum Kind {
        /** An ordinary call. */
        CALL,
        /** A comparison: its failure means that the condition does not hold. */
        CHECK,
        /** Becomes another program and does not return when it succeeds. */
        EXEC,
        /** Ends the child. */
        EXIT
    }

    public Step {
        arguments = List.copyOf(arguments);
        tolerated = Set.copyOf(tolerated);
        if (arguments.size() > 6) {
            throw new IllegalArgumentException("arguments: " + arguments.size() + " (expected: at most 6)");
        }
        for (int errno : tolerated) {
            if (errno <= 0) {
                throw new IllegalArgumentException("errno: " + errno + " (expected: > 0)");
            }
        }
    }

    /** The argument at an index from 0. */
    public Argument argument(int index) {
        return arguments.get(index);
    }

    /**
     * The number passed at an index.
     *
     * @throws IllegalStateException when the argument is no number known beforehand
     */
    public long value(int index) {
        if (argument(index) instanceof FdArgument.Value(long value)) {
            return value;
        }
        throw new IllegalStateException(
                "argument " + index + " of " + this + " is " + argument(index) + " (expected: a number)");
    }

    /**
     * The string passed at an index.
     *
     * @throws IllegalStateException when the argument is no string
     */
    public String text(int index) {
        if (argument(index) instanceof Argument.Text(String text)) {
            return text;
        }
        throw new IllegalStateException(
                "argument " + index + " of " + this + " is " + argument(index) + " (expected: a string)");
    }

    /** Whether the program goes on after this error. */
    public boolean tolerates(int errno) {
        return toleratesAll || tolerated.contains(errno);
    }

    /** The call as strace would write it: {@code mount("proc", "/proc", "proc", 14, 0)}. */
    public String callText() {
        return call.callName() + arguments.stream().map(Argument::toString).collect(Collectors.joining(", ", "(", ")"));
    }

    @Override
    public String toString() {
        return name + ": " + callText();
    }
}
