package io.berth.dockerfile;

import java.util.List;

/**
 * A stage of a build.
 *
 * @param index from 0
 * @param from the instruction it begins with
 * @param instructions the others
 */
public record Stage(int index, Instruction.From from, List<Instruction> instructions) {
    public Stage {
        instructions = List.copyOf(instructions);
    }

    /** Its name, or {@code stage-<index>}. */
    public String name() {
        String name = from.stageName();
        return name == null ? "stage-" + index : name;
    }
}
