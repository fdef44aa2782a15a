package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The warnings of one build: those of the file itself, and those that need to know variables, which the builder reports as it goes.
 * For one thread.
 */
public final class BuildChecks {
    private static final Pattern SECRET = Pattern.compile(
            "(?i)(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)");
    private static final Pattern HARMLESS = Pattern.compile("(?i)(?:_|^)(?:public|file|version)(?:_|$)");

    private final Dockerfile file;
    private final CheckSettings settings;
    private final List<Warning> warnings = new ArrayList<>();

    /** With the settings of the file. */
    public BuildChecks(Dockerfile file) {
        this(file, file.directives().checks());
    }

    /** @param settings a build argument {@code BUILDKIT_DOCKERFILE_CHECK} overrides those of the file */
    public BuildChecks(Dockerfile file, CheckSettings settings) {
        this.file = file;
        this.settings = settings;
        file.warnings().stream()
                .filter(warning -> settings.runs(warning.check()))
                .forEach(warnings::add);
    }

    private void warn(Check check, String message, Lines lines) {
        if (settings.runs(check)) {
            warnings.add(new Warning(check, message, lines));
        }
    }

    /** Checks all FROM instructions. */
    public void from(GlobalArgs globals) {
        defaults(globals);
        Expansion expansion = file.expansion();
        for (Stage stage : file.stages()) {
            Instruction.From from = stage.from();
            try {
                declared(expansion.word(from.base(), globals), globals, from);
                String platform = from.platform();
                if (platform != null) {
                    ExpandedWord word = expansion.word(platform, globals);
                    declared(word, globals, from);
                    platform(from, platform, word, globals);
                }
            } catch (DockerfileException e) {
                return; // the build fails for it
            }
        }
    }

    /** Whether images have names when nothing is given to the build. */
    private void defaults(GlobalArgs globals) {
        Expansion expansion = file.expansion();
        try {
            GlobalArgs byDefault = GlobalArgs.evaluate(globals.automatic(), file.globalArgs(), Map.of(), expansion);
            for (Stage stage : file.stages()) {
                String base = expansion.word(stage.from().base(), byDefault).text();
                if (!ImageName.isValid(base)) {
                    warn(
                            Check.INVALID_DEFAULT_ARG_IN_FROM,
                            "Default value for ARG " + stage.from().base()
                                    + " results in empty or invalid base image name",
                            stage.from().lines());
                }
            }
        } catch (DockerfileException e) {
            return; // the build fails for it
        }
    }

    private void declared(ExpandedWord word, GlobalArgs globals, Instruction.From from) {
        Set<String> known = globals.known();
        for (String name : word.undefined()) {
            if (!known.contains(name)) {
                warn(
                        Check.UNDEFINED_ARG_IN_FROM,
                        Suggestion.append("FROM argument '" + name + "' is not declared", name, known, true),
                        from.lines());
            }
        }
    }

    private void platform(Instruction.From from, String written, ExpandedWord word, GlobalArgs globals) {
        if (word.used().equals(Set.of("TARGETPLATFORM"))
                && word.undefined().isEmpty()
                && word.text().equals(globals.value("TARGETPLATFORM"))) {
            warn(
                    Check.REDUNDANT_TARGET_PLATFORM,
                    "Setting platform to predefined " + written
                            + " in FROM is redundant as this is the default behavior",
                    from.lines());
        }
        String[] parts = word.text().split("/");
        String stage = from.stageName() == null ? "" : from.stageName();
        boolean named = false;
        for (String part : parts) {
            named |= !part.isEmpty() && stage.contains(part);
        }
        if (word.used().isEmpty() && word.undefined().isEmpty() && !named) {
            warn(
                    Check.FROM_PLATFORM_FLAG_CONST_DISALLOWED,
                    "FROM --platform flag should not use constant value " + Text.quote(word.text()),
                    from.lines());
        }
    }

    /** Begins to check a stage. */
    public StageChecks stage() {
        return new StageChecks(false);
    }

    /** All so far, in the order of lines. */
    public List<Warning> warnings() {
        return warnings.stream()
                .sorted(Comparator.comparingInt(warning -> warning.lines().first()))
                .toList();
    }

    /** Why the build fails, if warnings are errors and there are some: {@code lint violation found for rules: …}. */
    public Optional<String> failure() {
        if (!settings.failOnWarning() || warnings.isEmpty()) {
            return Optional.empty();
        }
        Set<Check> checks = EnumSet.noneOf(Check.class);
        warnings.forEach(warning -> checks.add(warning.check()));
        return Optional.of("lint violation found for rules: "
                + String.join(
                        ", ", checks.stream().map(Check::checkName).sorted().toList()));
    }

    /** The checks of one stage, in the order of its instructions. */
    public final class StageChecks {
        private final Map<String, Lines> single = new HashMap<>();
        private boolean workdirSet;

        private StageChecks(boolean workdirSet) {
            this.workdirSet = workdirSet;
        }

        /** Begins to check a stage that begins with this one. */
        public StageChecks child() {
            return new StageChecks(workdirSet);
        }

        /** Declared arguments. */
        public void declared(Instruction.Arg arg, DeclaredArgs declared, ArgScope scope) {
            declared.args().forEach(name -> secret("ARG", name.name(), arg.lines()));
            undefined(declared.undefined(), scope, arg.lines());
        }

        /**
         * An instruction after its expansion.
         *
         * @param scope before the instruction takes effect
         * @param ownShell whether a SHELL instruction, of the stage or of its base, has set the shell
         */
        public void instruction(Expansion.Expanded<?> expanded, ArgScope scope, boolean ownShell) {
            Instruction instruction = expanded.instruction();
            Lines lines = instruction.lines();
            undefined(expanded.undefined(), scope, lines);
            switch (instruction) {
                case Instruction.Env env -> {
                    pairs(env, env.pairs());
                    env.pairs().forEach(pair -> secret("ENV", pair.key(), lines));
                }
                case Instruction.Label label -> pairs(label, label.pairs());
                case Instruction.Cmd cmd -> {
                    once(cmd);
                    command(cmd, cmd.command(), ownShell);
                }
                case Instruction.Entrypoint entrypoint -> {
                    once(entrypoint);
                    command(entrypoint, entrypoint.command(), ownShell);
                }
                case Instruction.Healthcheck healthcheck -> once(healthcheck);
                case Instruction.Workdir workdir -> workdir(workdir);
                case Instruction.Expose expose -> expose.ports().forEach(port -> port(port, lines));
                default -> {
                    // nothing else to check
                }
            }
        }

        /** A source of COPY or ADD from the context. Nothing is said where exceptions may bring it back. */
        public void source(Instruction instruction, String source, IgnorePatterns ignored) {
            if (ignored.isEmpty() || ignored.hasExceptions()) {
                return;
            }
            String path = GoPath.clean(source);
            boolean root = path.equals(".") || path.equals("/");
            if (root ? ignored.excludesAll() : ignored.excludes(path)) {
                String verb = instruction instanceof Instruction.Add ? "Add" : "Copy";
                warn(
                        Check.COPY_IGNORED_FILE,
                        "Attempting to " + verb + " file " + Text.quote(path) + " that is excluded by .dockerignore",
                        instruction.lines());
            }
        }

        private void undefined(Set<String> names, ArgScope scope, Lines lines) {
            for (String name : names) {
                if (!scope.isDeclared(name)) {
                    String nearest = Suggestion.search(name, scope.names(), true);
                    warn(
                            Check.UNDEFINED_VAR,
                            "Usage of undefined variable '$" + name + "'"
                                    + (nearest.isEmpty() ? "" : " (did you mean $" + nearest + "?)"),
                            lines);
                }
            }
        }

        private void secret(String instruction, String name, Lines lines) {
            if (SECRET.matcher(name).find() && !HARMLESS.matcher(name).find()) {
                warn(
                        Check.SECRETS_USED_IN_ARG_OR_ENV,
                        "Do not use ARG or ENV instructions for sensitive data (" + instruction + " " + Text.quote(name)
                                + ")",
                        lines);
            }
        }

        private void pairs(Instruction instruction, List<KeyValue> pairs) {
            String name = instruction.at().keyword();
            if (pairs.stream().anyMatch(KeyValue::legacy)) {
                warn(
                        Check.LEGACY_KEY_VALUE_FORMAT,
                        "\"" + name + " key=value\" should be used instead of legacy \"" + name + " key value\" format",
                        instruction.lines());
            }
        }

        /** Says where the earlier one is, for that is the one without effect. */
        private void once(Instruction instruction) {
            Lines earlier = single.put(instruction.name(), instruction.lines());
            if (earlier != null) {
                warn(
                        Check.MULTIPLE_INSTRUCTIONS_DISALLOWED,
                        "Multiple " + instruction.at().keyword()
                                + " instructions should not be used in the same stage because only the last one will be"
                                + " used",
                        earlier);
            }
        }

        private void command(Instruction instruction, CommandLine command, boolean ownShell) {
            if (command.shellForm() && !ownShell) {
                warn(
                        Check.JSON_ARGS_RECOMMENDED,
                        "JSON arguments recommended for " + instruction.at().keyword()
                                + " to prevent unintended behavior related to OS signals",
                        instruction.lines());
            }
        }

        private void workdir(Instruction.Workdir workdir) {
            if (!workdirSet && !workdir.path().startsWith("/")) {
                warn(
                        Check.WORKDIR_RELATIVE_PATH,
                        "Relative workdir " + Text.quote(workdir.path())
                                + " can have unexpected results if the base image changes",
                        workdir.lines());
            }
            workdirSet = true;
        }

        private void port(String port, Lines lines) {
            if (ExposedPorts.hasOddCase(port)) {
                warn(
                        Check.EXPOSE_PROTO_CASING,
                        "Defined protocol '" + port + "' in EXPOSE instruction should be lowercase",
                        lines);
            }
            if (ExposedPorts.hasHostPart(port)) {
                warn(
                        Check.EXPOSE_INVALID_FORMAT,
                        "EXPOSE instruction should not define an IP address or host-port mapping, found '" + port + "'",
                        lines);
            }
        }
    }
}
