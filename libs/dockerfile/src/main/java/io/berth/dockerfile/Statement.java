package io.berth.dockerfile;

import java.util.List;

/**
 * An instruction whose words have been told apart, but not yet understood.
 *
 * @param at as it stands in the file
 * @param flags words that begin with {@code --}, without quotes and escapes
 * @param arguments the others
 * @param json whether the arguments were written as a JSON array
 * @param pairs of ENV and LABEL, which have these instead of arguments
 * @param heredocs the here-documents that follow it
 */
record Statement(
        InstructionSource at,
        List<String> flags,
        List<String> arguments,
        boolean json,
        List<KeyValue> pairs,
        List<Heredoc> heredocs) {
    Statement {
        flags = List.copyOf(flags);
        arguments = List.copyOf(arguments);
        pairs = List.copyOf(pairs);
        heredocs = List.copyOf(heredocs);
    }
}
