package io.berth.compat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import org.opentest4j.TestAbortedException;

/**
 * Whether differences fail a test: not those of cases in {@code golden/pending.txt}, and there the lack of them does, so that
 * the list shrinks; {@code -Dgolden.pending=shrink} takes those out. All differences are also in {@code target/golden-diff.txt}.
 */
final class GoldenVerdict {
    private final GoldenStore store;
    private final List<String> pending;

    GoldenVerdict(GoldenStore store) {
        this.store = store;
        this.pending = System.getProperty("golden.pending", "").equals("none") ? List.of() : store.pending();
    }

    /** Ends normally when the case is as recorded and ought to be. */
    void on(String id, List<String> found) {
        List<String> differences = store.differences().unaccepted(id, found);
        boolean excused = pending.contains(id);
        if (differences.isEmpty()) {
            if (excused && System.getProperty("golden.pending", "").equals("shrink")) {
                store.dropPending(id);
            } else if (excused) {
                throw new AssertionError(id + " is as recorded now: take it out of golden/pending.txt");
            }
            return;
        }
        report(id, differences);
        String message = id + " differs from the reference:\n  " + String.join("\n  ", differences);
        if (excused) {
            throw new TestAbortedException(message);
        }
        throw new AssertionError(message);
    }

    private static void report(String id, List<String> differences) {
        Path file = Path.of(
                Objects.requireNonNull(System.getProperty("berth.root")), "tests/compat/target/golden-diff.txt");
        try {
            Files.writeString(
                    file,
                    "== " + id + "\n" + String.join("\n", differences) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
