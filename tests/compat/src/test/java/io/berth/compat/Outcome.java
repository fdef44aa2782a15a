package io.berth.compat;

import java.time.Duration;
import java.util.List;

/** How a command ended and what it said. */
record Outcome(List<String> command, int exitCode, String out, String err, Duration took) {
    Outcome {
        command = List.copyOf(command);
    }

    /** What it printed, without blanks at the ends; fails unless it exited with 0. */
    String ok() {
        exited(0);
        return out.strip();
    }

    /** Fails unless it exited with this code. */
    Outcome exited(int expected) {
        if (exitCode != expected) {
            throw new AssertionError("expected exit code " + expected + ", got " + this);
        }
        return this;
    }

    @Override
    public String toString() {
        return String.join(" ", command) + "\n  exit code " + exitCode + " after " + took.toMillis() + " ms\n  stdout: "
                + out + "\n  stderr: " + err;
    }
}
