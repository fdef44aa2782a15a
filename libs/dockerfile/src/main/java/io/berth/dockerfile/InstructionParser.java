package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Understands statements (BuildKit {@code frontend/dockerfile/instructions/parse.go}). */
final class InstructionParser {
    private static final List<String> NAMES = List.of(
            "ADD",
            "ARG",
            "CMD",
            "COPY",
            "ENTRYPOINT",
            "ENV",
            "EXPOSE",
            "FROM",
            "HEALTHCHECK",
            "LABEL",
            "MAINTAINER",
            "ONBUILD",
            "RUN",
            "SHELL",
            "STOPSIGNAL",
            "USER",
            "VOLUME",
            "WORKDIR");
    private static final Pattern STAGE_NAME = Pattern.compile("[a-z][a-z0-9-_.]*");

    private InstructionParser() {}

    /** @throws DockerfileException for what the instruction does not allow, without its lines */
    static Instruction parse(Statement statement) {
        InstructionSource at = statement.at();
        return switch (at.keyword().toLowerCase(Locale.ROOT)) {
            case "add" -> add(statement);
            case "arg" -> arg(statement);
            case "cmd" -> command(statement, Instruction.Cmd::new);
            case "copy" -> copy(statement);
            case "entrypoint" -> command(statement, Instruction.Entrypoint::new);
            case "env" -> new Instruction.Env(at, pairs(statement, "ENV"));
            case "expose" -> {
                atLeastOne(statement, "EXPOSE");
                Flags.none(statement.flags());
                yield new Instruction.Expose(
                        at, statement.arguments().stream().sorted().toList());
            }
            case "from" -> from(statement);
            case "healthcheck" -> HealthcheckParser.parse(statement);
            case "label" -> new Instruction.Label(at, pairs(statement, "LABEL"));
            case "maintainer" -> new Instruction.Maintainer(at, single(statement, "MAINTAINER"));
            case "onbuild" -> onBuild(statement);
            case "run" -> run(statement);
            case "shell" -> shell(statement);
            case "stopsignal" -> new Instruction.StopSignal(at, single(statement, "STOPSIGNAL"));
            case "user" -> new Instruction.User(at, single(statement, "USER"));
            case "volume" -> volume(statement);
            case "workdir" -> new Instruction.Workdir(at, single(statement, "WORKDIR"));
            default ->
                throw new DockerfileException(
                        Suggestion.append("unknown instruction: " + at.keyword(), at.keyword(), NAMES, false));
        };
    }

    private static void atLeastOne(Statement statement, String name) {
        if (statement.arguments().isEmpty()) {
            throw new DockerfileException(name + " requires at least one argument");
        }
    }

    private static String single(Statement statement, String name) {
        if (statement.arguments().size() != 1) {
            throw new DockerfileException(name + " requires exactly one argument");
        }
        Flags.none(statement.flags());
        return statement.arguments().getFirst();
    }

    private static List<KeyValue> pairs(Statement statement, String name) {
        Flags.none(statement.flags());
        if (statement.pairs().isEmpty()) {
            throw new DockerfileException(name + " requires at least one argument");
        }
        if (statement.pairs().stream().anyMatch(pair -> pair.key().isEmpty())) {
            throw new DockerfileException(name + " names can not be blank");
        }
        return statement.pairs();
    }

    private static Instruction add(Statement statement) {
        atLeastTwo(statement, "ADD");
        Flags flags = Flags.parse(
                statement.flags(),
                Set.of("chown", "chmod", "checksum"),
                Set.of("link", "keep-git-dir", "unpack"),
                Set.of("exclude"));
        return new Instruction.Add(
                statement.at(),
                files(statement, "ADD"),
                flags.text("chown"),
                flags.text("chmod"),
                flags.isOn("link"),
                flags.isOn("keep-git-dir"),
                flags.text("checksum"),
                flags.optional("unpack"),
                flags.all("exclude"));
    }

    private static Instruction copy(Statement statement) {
        atLeastTwo(statement, "COPY");
        Flags flags = Flags.parse(
                statement.flags(), Set.of("chown", "chmod", "from"), Set.of("link", "parents"), Set.of("exclude"));
        return new Instruction.Copy(
                statement.at(),
                files(statement, "COPY"),
                flags.text("from"),
                flags.text("chown"),
                flags.text("chmod"),
                flags.isOn("link"),
                flags.isOn("parents"),
                flags.all("exclude"));
    }

    private static void atLeastTwo(Statement statement, String name) {
        if (statement.arguments().size() < 2) {
            throw new DockerfileException(
                    name
                            + " requires at least two arguments, but only one was provided. Destination could not be determined");
        }
    }

    private static CopyFiles files(Statement statement, String name) {
        String destination = statement.arguments().getLast();
        if (HeredocWord.is(destination)) {
            throw new DockerfileException(name + " cannot accept a heredoc as a destination");
        }
        List<String> sources = new ArrayList<>();
        List<Heredoc> documents = new ArrayList<>();
        for (String source :
                statement.arguments().subList(0, statement.arguments().size() - 1)) {
            Heredoc document = HeredocWord.is(source) ? document(statement, HeredocWord.of(source)) : null;
            if (document == null) {
                sources.add(source);
            } else {
                documents.add(document);
            }
        }
        return new CopyFiles(sources, documents, destination);
    }

    /** The here-document with its content; without any in an exec form, which has none. */
    private static @Nullable Heredoc document(Statement statement, @Nullable Heredoc announced) {
        if (announced == null) {
            return null;
        }
        Heredoc found = new Heredoc(announced.name(), announced.expand(), announced.stripTabs(), "");
        for (Heredoc heredoc : statement.heredocs()) {
            if (heredoc.name().equals(announced.name())) {
                found = new Heredoc(heredoc.name(), announced.expand(), announced.stripTabs(), heredoc.content());
            }
        }
        return found;
    }

    private static Instruction arg(Statement statement) {
        atLeastOne(statement, "ARG");
        List<ArgDefinition> definitions = new ArrayList<>();
        for (String word : statement.arguments()) {
            int equals = word.indexOf('=');
            if (equals == 0) {
                throw new DockerfileException("ARG names can not be blank");
            }
            String name = equals < 0 ? word : word.substring(0, equals);
            definitions.add(new ArgDefinition(
                    name, equals < 0 ? null : word.substring(equals + 1), description(statement.at(), name)));
        }
        return new Instruction.Arg(statement.at(), definitions);
    }

    private static String description(InstructionSource at, String name) {
        return at.comments().stream()
                .filter(comment -> comment.startsWith(name + " "))
                .findFirst()
                .map(comment -> comment.substring(name.length() + 1))
                .orElse("");
    }

    private static Instruction from(Statement statement) {
        List<String> words = statement.arguments();
        String stage = null;
        if (words.size() == 3 && words.get(1).equalsIgnoreCase("as")) {
            stage = words.get(2).toLowerCase(Locale.ROOT);
            if (!STAGE_NAME.matcher(stage).matches()) {
                throw new DockerfileException("invalid name for build stage: " + Text.quote(words.get(2))
                        + ", name can't start with a number or contain symbols");
            }
        } else if (words.size() != 1) {
            throw new DockerfileException("FROM requires either one or three arguments");
        }
        Flags flags = Flags.parse(statement.flags(), Set.of("platform"), Set.of(), Set.of());
        return new Instruction.From(
                statement.at(),
                words.getFirst(),
                stage,
                flags.text("platform"),
                stage == null ? "" : description(statement.at(), stage));
    }

    /** A JSON array as it is, anything else as one text. */
    static CommandLine commandLine(Statement statement, List<String> words) {
        return new CommandLine(
                !statement.json(),
                statement.json() || words.isEmpty() ? words : List.of(String.join(" ", words)),
                statement.heredocs());
    }

    private static Instruction command(
            Statement statement, BiFunction<InstructionSource, CommandLine, Instruction> constructor) {
        Flags.none(statement.flags());
        return constructor.apply(statement.at(), commandLine(statement, statement.arguments()));
    }

    private static Instruction run(Statement statement) {
        Flags flags =
                Flags.parse(statement.flags(), Set.of("network", "security"), Set.of(), Set.of("mount", "device"));
        RunNetwork network =
                switch (flags.all("network").isEmpty()
                        ? "default"
                        : flags.all("network").getFirst()) {
                    case "default" -> RunNetwork.DEFAULT;
                    case "none" -> RunNetwork.NONE;
                    case "host" -> RunNetwork.HOST;
                    default ->
                        throw new DockerfileException("invalid network mode "
                                + Text.quote(flags.all("network").getFirst()));
                };
        RunSecurity security =
                switch (flags.all("security").isEmpty()
                        ? "sandbox"
                        : flags.all("security").getFirst()) {
                    case "sandbox" -> RunSecurity.SANDBOX;
                    case "insecure" -> RunSecurity.INSECURE;
                    default ->
                        throw new DockerfileException(
                                "security " + Text.quote(flags.all("security").getFirst()) + " is not valid");
                };
        flags.all("mount").forEach(MountParser::check);
        return new Instruction.Run(
                statement.at(),
                commandLine(statement, statement.arguments()),
                flags.all("mount"),
                flags.all("device").stream().map(InstructionParser::device).toList(),
                network,
                security);
    }

    /** {@code [name=]NAME[,required[=BOOL]]}. */
    private static RunDevice device(String flag) {
        String name = "";
        boolean required = false;
        for (String field : flag.split(",", -1)) {
            int equals = field.indexOf('=');
            String key = equals < 0 ? field : field.substring(0, equals);
            String value = equals < 0 ? "true" : field.substring(equals + 1);
            if (key.equals("required")) {
                required = switch (value) {
                    case "true", "1" -> true;
                    case "false", "0" -> false;
                    default -> throw new DockerfileException("invalid value for required: " + Text.quote(value));
                };
            } else if (key.equals("name") && equals > 0) {
                name = value;
            } else if (name.isEmpty() && !field.isEmpty()) {
                name = field; // a device's own name may hold an equals sign: vendor.com/class=name
            } else {
                throw new DockerfileException("unexpected field " + Text.quote(field) + " of RUN --device");
            }
        }
        if (name.isEmpty()) {
            throw new DockerfileException("RUN --device needs the name of a device");
        }
        return new RunDevice(name, required);
    }

    private static Instruction shell(Statement statement) {
        Flags.none(statement.flags());
        atLeastOne(statement, "SHELL");
        if (!statement.json()) {
            throw new DockerfileException("SHELL requires the arguments to be in JSON form");
        }
        return new Instruction.Shell(statement.at(), statement.arguments());
    }

    private static Instruction volume(Statement statement) {
        atLeastOne(statement, "VOLUME");
        Flags.none(statement.flags());
        List<String> paths = statement.arguments().stream().map(Text::strip).toList();
        if (paths.contains("")) {
            throw new DockerfileException("VOLUME specified can not be an empty string");
        }
        return new Instruction.Volume(statement.at(), paths);
    }

    private static Instruction onBuild(Statement statement) {
        atLeastOne(statement, "ONBUILD");
        Flags.none(statement.flags());
        String trigger = Text.strip(statement.arguments().getFirst()).toUpperCase(Locale.ROOT);
        switch (trigger) {
            case "ONBUILD" -> throw new DockerfileException("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
            case "MAINTAINER", "FROM" ->
                throw new DockerfileException(trigger + " isn't allowed as an ONBUILD trigger");
            default -> {
                // Whether there is such an instruction shows when the trigger is run.
            }
        }
        StringBuilder expression = new StringBuilder(Text.stripLeading(
                statement.at().text().substring(statement.at().keyword().length())));
        for (Heredoc heredoc : statement.heredocs()) {
            expression.append('\n').append(heredoc.content()).append(heredoc.name());
        }
        return new Instruction.OnBuild(statement.at(), expression.toString());
    }
}
