package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The checks that need nothing but the file. */
final class FileChecks {
    private static final Set<String> RESERVED = Set.of("context", "scratch");

    private final CheckSettings settings;
    private final List<Warning> warnings = new ArrayList<>();

    FileChecks(CheckSettings settings) {
        this.settings = settings;
    }

    List<Warning> warnings() {
        return warnings;
    }

    private void warn(Check check, String message, Lines lines) {
        if (settings.runs(check)) {
            warnings.add(new Warning(check, message, lines));
        }
    }

    void emptyContinuation(Lines lines) {
        warn(Check.NO_EMPTY_CONTINUATION, "Empty continuation line", lines);
    }

    /** Before the instruction is understood, for it may be wrong. */
    void statement(Statement statement) {
        InstructionSource at = statement.at();
        if (at.keyword().equalsIgnoreCase("maintainer")) {
            warn(
                    Check.MAINTAINER_DEPRECATED,
                    "Maintainer instruction is deprecated in favor of using label",
                    at.lines());
        }
        if (!at.keyword().equalsIgnoreCase("from") || statement.arguments().size() < 3) {
            return;
        }
        String as = statement.arguments().get(1);
        String stage = statement.arguments().get(2);
        if (statement.arguments().size() == 3 && !stage.equals(stage.toLowerCase(Locale.ROOT))) {
            warn(Check.STAGE_NAME_CASING, "Stage name '" + stage + "' should be lowercase", at.lines());
        }
        boolean lower = isLower(at.keyword());
        if (isConsistent(at.keyword()) && !(lower ? isLower(as) : isUpper(as))) {
            warn(
                    Check.FROM_AS_CASING,
                    "'" + as + "' and '" + at.keyword() + "' keywords' casing do not match",
                    at.lines());
        }
    }

    void instruction(Instruction instruction) {
        switch (instruction) {
            case Instruction.From from
            when from.stageName() != null -> description("FROM", List.of(from.stageName()), from.at());
            case Instruction.Arg arg ->
                description(
                        "ARG",
                        arg.definitions().stream().map(ArgDefinition::name).toList(),
                        arg.at());
            default -> {
                // nothing else has a description
            }
        }
    }

    private void description(String instruction, List<String> names, InstructionSource at) {
        if (at.comments().isEmpty()) {
            return;
        }
        String comment = at.comments().getLast();
        int blank = comment.indexOf(' ');
        if (names.contains(blank < 0 ? comment : comment.substring(0, blank))) {
            return;
        }
        String example = names.size() > 1 ? "<arg_key>" : names.getFirst();
        warn(
                Check.INVALID_DEFINITION_DESCRIPTION,
                "Comment for " + instruction + " should follow the format: `# " + example + " <description>`",
                at.lines());
    }

    /** All of them together. */
    void stages(List<Stage> stages) {
        Set<String> names = new HashSet<>();
        for (Stage stage : stages) {
            String name = stage.from().stageName();
            if (name == null) {
                continue;
            }
            if (RESERVED.contains(name)) {
                warn(
                        Check.RESERVED_STAGE_NAME,
                        "Stage name should not use the same name as reserved stage " + Text.quote(name),
                        stage.from().lines());
            }
            if (!names.add(name)) {
                warn(
                        Check.DUPLICATE_STAGE_NAME,
                        "Duplicate stage name " + Text.quote(name) + ", stage names should be unique",
                        stage.from().lines());
            }
        }
        List<InstructionSource> all = new ArrayList<>();
        for (Stage stage : stages) {
            all.add(stage.from().at());
            stage.instructions().forEach(instruction -> all.add(instruction.at()));
        }
        casing(all);
    }

    private void casing(List<InstructionSource> all) {
        long lower = all.stream().filter(at -> isLower(at.keyword())).count();
        long upper = all.stream().filter(at -> isUpper(at.keyword())).count();
        boolean mostlyLower = lower > upper;
        for (InstructionSource at : all) {
            if (!(mostlyLower ? isLower(at.keyword()) : isUpper(at.keyword()))) {
                warn(
                        Check.CONSISTENT_INSTRUCTION_CASING,
                        "Command '" + at.keyword() + "' should match the case of the command majority ("
                                + (mostlyLower ? "lowercase" : "uppercase") + ")",
                        at.lines());
            }
        }
    }

    private static boolean isConsistent(String word) {
        return isLower(word) || isUpper(word);
    }

    private static boolean isLower(String word) {
        return word.equals(word.toLowerCase(Locale.ROOT));
    }

    private static boolean isUpper(String word) {
        return word.equals(word.toUpperCase(Locale.ROOT));
    }
}
