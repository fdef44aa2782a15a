package io.berth.dockerfile;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Understands HEALTHCHECK. */
final class HealthcheckParser {
    private static final Duration SHORTEST = Duration.ofMillis(1);

    private HealthcheckParser() {}

    static Instruction.Healthcheck parse(Statement statement) {
        if (statement.arguments().isEmpty()) {
            throw new DockerfileException("HEALTHCHECK requires at least one argument");
        }
        String type = statement.arguments().getFirst().toUpperCase(Locale.ROOT);
        List<String> words =
                statement.arguments().subList(1, statement.arguments().size());
        if (type.equals("NONE")) {
            if (!words.isEmpty()) {
                throw new DockerfileException("HEALTHCHECK NONE takes no arguments");
            }
            return new Instruction.Healthcheck(
                    statement.at(), List.of("NONE"), Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, 0);
        }
        Flags flags = Flags.parse(
                statement.flags(),
                Set.of("interval", "timeout", "start-period", "start-interval", "retries"),
                Set.of(),
                Set.of());
        if (!type.equals("CMD")) {
            throw new DockerfileException("Unknown type " + Text.quote(type) + " in HEALTHCHECK (try CMD)");
        }
        CommandLine command = InstructionParser.commandLine(statement, words);
        if (command.words().isEmpty()) {
            throw new DockerfileException("Missing command after HEALTHCHECK CMD");
        }
        List<String> test = new ArrayList<>();
        test.add(command.shellForm() ? "CMD-SHELL" : "CMD");
        test.addAll(command.words());
        return new Instruction.Healthcheck(
                statement.at(),
                test,
                time(flags, "interval"),
                time(flags, "timeout"),
                time(flags, "start-period"),
                time(flags, "start-interval"),
                retries(flags.text("retries")));
    }

    private static Duration time(Flags flags, String name) {
        String text = flags.text(name);
        Duration time = text == null ? Duration.ZERO : GoDuration.parse(text);
        if (!time.isZero() && time.compareTo(SHORTEST) < 0) {
            throw new DockerfileException("Interval " + Text.quote(name) + " cannot be less than 1ms");
        }
        return time;
    }

    private static int retries(@Nullable String text) {
        if (text == null) {
            return 0;
        }
        if (!text.matches("[+-]?[0-9]+")) {
            throw new DockerfileException("strconv.ParseInt: parsing " + Text.quote(text) + ": invalid syntax");
        }
        int retries;
        try {
            retries = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new DockerfileException("strconv.ParseInt: parsing " + Text.quote(text) + ": value out of range");
        }
        if (retries < 0) {
            throw new DockerfileException("--retries cannot be negative (" + retries + ")");
        }
        return retries;
    }
}
