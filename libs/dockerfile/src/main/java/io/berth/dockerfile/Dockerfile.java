package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A Dockerfile that has been read.
 *
 * @param directives at its top
 * @param globalArgs ARG instructions before the first FROM
 * @param stages at least one
 * @param warnings of the checks that need no variables; those that are skipped are not among them
 */
public record Dockerfile(
        Directives directives, List<Instruction.Arg> globalArgs, List<Stage> stages, List<Warning> warnings) {
    public Dockerfile {
        globalArgs = List.copyOf(globalArgs);
        stages = List.copyOf(stages);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads a Dockerfile.
     *
     * @throws DockerfileException when it breaks the rules, with the lines
     */
    public static Dockerfile parse(String text) {
        if (text.isEmpty()) {
            throw new DockerfileException("the Dockerfile cannot be empty");
        }
        StatementReader reader = new StatementReader(text);
        List<Statement> statements = reader.read();
        FileChecks checks = new FileChecks(reader.directives().checks());
        reader.emptyContinuations().forEach(checks::emptyContinuation);
        List<Instruction.Arg> globals = new ArrayList<>();
        List<Stage> stages = new ArrayList<>();
        Instruction.From from = null;
        List<Instruction> instructions = new ArrayList<>();
        for (Statement statement : statements) {
            checks.statement(statement);
            Instruction instruction = instruction(statement);
            checks.instruction(instruction);
            if (instruction instanceof Instruction.From next) {
                if (from != null) {
                    stages.add(new Stage(stages.size(), from, instructions));
                }
                from = next;
                instructions.clear();
            } else if (from != null) {
                instructions.add(instruction);
            } else if (instruction instanceof Instruction.Arg arg) {
                globals.add(arg);
            } else {
                throw new DockerfileException("no build stage in current context", instruction.lines());
            }
        }
        if (from == null) {
            throw new DockerfileException("dockerfile contains no stages to build");
        }
        stages.add(new Stage(stages.size(), from, instructions));
        checks.stages(stages);
        return new Dockerfile(reader.directives(), globals, stages, checks.warnings());
    }

    private static Instruction instruction(Statement statement) {
        try {
            return InstructionParser.parse(statement);
        } catch (DockerfileException e) {
            Lines lines = statement.at().lines();
            throw new DockerfileException(
                    "dockerfile parse error on line " + lines.first() + ": " + e.getMessage(), lines);
        }
    }

    /**
     * Reads one instruction, as {@code docker commit --change} and an image's ONBUILD triggers have it. The escape character is the
     * backslash.
     *
     * @throws DockerfileException when it breaks the rules, or there is not exactly one, or it is FROM
     */
    public static Instruction parseInstruction(String text) {
        List<Statement> statements = new StatementReader(text).read();
        if (statements.size() != 1) {
            throw new DockerfileException("onbuild trigger should be a single expression");
        }
        Instruction instruction = instruction(statements.getFirst());
        if (instruction instanceof Instruction.From) {
            throw new DockerfileException("FROM isn't allowed here", instruction.lines());
        }
        return instruction;
    }

    /**
     * The stage a FROM begins with, if it is one: the last one of exactly that name before it.
     *
     * @param name after expansion
     * @param limit the index of the stage that FROM begins
     */
    public Optional<Stage> base(String name, int limit) {
        return stages.subList(0, limit).reversed().stream()
                .filter(stage -> name.equals(stage.from().stageName()))
                .findFirst();
    }

    /**
     * The stage that {@code COPY --from} or a mount's {@code from} means, if it means one: by number, or the last one of that name,
     * whatever the case. It may come after the stage that asks: then it is an error of the builder's
     * ({@code cannot copy from stage "x", it needs to be defined before current stage "y"}).
     *
     * @throws DockerfileException {@code invalid stage index 7}
     */
    public Optional<Stage> stage(String nameOrNumber) {
        if (nameOrNumber.matches("[+-]?[0-9]+")) {
            try {
                int index = Integer.parseInt(nameOrNumber);
                if (index >= 0 && index < stages.size()) {
                    return Optional.of(stages.get(index));
                }
            } catch (NumberFormatException e) {
                // larger than any index
            }
            throw new DockerfileException("invalid stage index " + nameOrNumber);
        }
        return stages.reversed().stream()
                .filter(stage -> nameOrNumber.equalsIgnoreCase(stage.from().stageName()))
                .findFirst();
    }

    /**
     * The stage to build: the last one, or the one named or numbered.
     *
     * @param nameOrNumber empty for the last one
     * @throws DockerfileException {@code target stage "x" could not be found}
     */
    public Stage target(String nameOrNumber) {
        if (nameOrNumber.isEmpty()) {
            return stages.getLast();
        }
        try {
            Optional<Stage> named = stage(nameOrNumber);
            if (named.isPresent()) {
                return named.get();
            }
        } catch (DockerfileException e) {
            // a number that no stage has: said below
        }
        throw new DockerfileException(Suggestion.append(
                "target stage " + Text.quote(nameOrNumber) + " could not be found",
                nameOrNumber,
                stages.stream().map(Stage::name).toList(),
                true));
    }

    /** How its words are expanded. */
    public Expansion expansion() {
        return new Expansion(directives.escape());
    }
}
