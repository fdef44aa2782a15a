package io.berth.compat;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a process of {@link ScenarioProcess} does: it runs scenarios and prints {@code PASS name}, or {@code FAIL name} and the reason in one line. */
final class Scenarios {
    private Scenarios() {}

    /** A scenario, which may throw anything. */
    @FunctionalInterface
    interface Scenario {
        void run() throws Exception;
    }

    /**
     * Runs the named ones in this order, and ends the process as if it were killed: no container is stopped, and connections break.
     *
     * @param last what is done all the same
     */
    static void run(Map<String, Scenario> scenarios, List<String> names, Runnable last) {
        for (String name : names) {
            @Nullable Scenario scenario = scenarios.get(name);
            try {
                if (scenario == null) {
                    throw new IllegalArgumentException("no such scenario");
                }
                scenario.run();
                report("PASS " + name);
            } catch (Throwable e) {
                report("FAIL " + name + " " + stackTrace(e).replace('\n', '⏎'));
            }
        }
        last.run();
        Runtime.getRuntime().halt(0);
    }

    private static void report(String line) {
        byte[] bytes = ("\n" + line + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            // This process's report is its output.
            new FileOutputStream(FileDescriptor.out).write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String stackTrace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
