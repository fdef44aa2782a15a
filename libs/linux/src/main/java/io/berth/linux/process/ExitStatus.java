package io.berth.linux.process;

import java.util.OptionalInt;

/** How a process ended. */
public sealed interface ExitStatus {
    /**
     * It called exit.
     *
     * @param code 0 to 255
     */
    record Exited(int code) implements ExitStatus {}

    /**
     * A signal killed it.
     *
     * @param signal 1 to 64
     */
    record Signaled(int signal, boolean coreDumped) implements ExitStatus {}

    /** It has ended, and nobody can tell any more how. Never to be shown as success. */
    record Unknown() implements ExitStatus {}

    /** The shell's and Docker's single number: the exit code, or 128 and the signal; empty when unknown. */
    default OptionalInt shellCode() {
        return switch (this) {
            case Exited(int code) -> OptionalInt.of(code);
            case Signaled(int signal, boolean ignored) -> OptionalInt.of(128 + signal);
            case Unknown() -> OptionalInt.empty();
        };
    }

    /** From the number that wait(2) stores. */
    static ExitStatus ofWaitStatus(int status) {
        int signal = status & 0x7f;
        return signal == 0 ? new Exited((status >> 8) & 0xff) : new Signaled(signal, (status & 0x80) != 0);
    }
}
