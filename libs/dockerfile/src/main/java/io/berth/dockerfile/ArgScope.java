package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The variables of one stage: its environment, and the arguments declared so far. Which of the two beats the other is a matter of
 * {@link Dialect}. Used by one thread.
 */
public final class ArgScope implements Variables {
    /** Names that can be given to a build without being declared: they reach RUN, but neither history nor cache. */
    public static final Set<String> PROXY_ARGS = Set.of(
            "HTTP_PROXY",
            "http_proxy",
            "HTTPS_PROXY",
            "https_proxy",
            "FTP_PROXY",
            "ftp_proxy",
            "NO_PROXY",
            "no_proxy",
            "ALL_PROXY",
            "all_proxy");

    /** Each instruction may double what is there, so there has to be an end: far above what can be executed at all. */
    static final int MAX_SIZE = 8 << 20;

    private final GlobalArgs globals;
    private final Map<String, String> buildArgs;
    private final Expansion expansion;
    private final Dialect dialect;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Map<String, @Nullable String> declared = new LinkedHashMap<>();
    private final Map<String, String> visibleArguments = new LinkedHashMap<>();
    private final Set<String> consumed = new LinkedHashSet<>();
    private long size;

    /**
     * For a stage that begins with an image.
     *
     * @param buildArgs given for the build
     * @param baseEnvironment entries {@code NAME=value} of the image; PATH is not added
     */
    public ArgScope(
            GlobalArgs globals,
            Map<String, String> buildArgs,
            List<String> baseEnvironment,
            Expansion expansion,
            Dialect dialect) {
        this.dialect = dialect;
        this.globals = globals;
        this.buildArgs = Collections.unmodifiableMap(new LinkedHashMap<>(buildArgs));
        this.expansion = expansion;
        for (String entry : baseEnvironment) {
            int equals = entry.indexOf('=');
            put(equals < 0 ? entry : entry.substring(0, equals), equals < 0 ? "" : entry.substring(equals + 1));
        }
    }

    /** For a stage that begins with this one: it begins with the same environment and arguments. */
    public ArgScope child() {
        ArgScope child = new ArgScope(globals, buildArgs, List.of(), expansion, dialect);
        child.environment.putAll(environment);
        child.declared.putAll(declared);
        child.visibleArguments.putAll(visibleArguments);
        child.size = size;
        return child;
    }

    /**
     * Declares arguments. The value is the one given to the build, else the default, else the global one.
     *
     * @return each name with its value, in order, null when it has none; and the variables used and missed by defaults
     * @throws DockerfileException for a default that cannot be expanded, with its lines
     */
    public DeclaredArgs declare(Instruction.Arg arg) {
        List<DeclaredArgs.Declared> args = new ArrayList<>();
        Set<String> used = new LinkedHashSet<>();
        Set<String> undefined = new LinkedHashSet<>();
        try {
            for (ArgDefinition definition : arg.definitions()) {
                String name = definition.name();
                String value = buildArgs.get(name);
                String byDefault = definition.defaultValue();
                consumed.add(name);
                if (value == null && byDefault != null) {
                    ExpandedWord word = expansion.word(byDefault, this);
                    used.addAll(word.used());
                    undefined.addAll(word.undefined());
                    value = word.text();
                } else if (value == null) {
                    value = globals.value(name);
                }
                undefined.removeAll(declared.keySet());
                grow(name, value);
                declared.put(name, value);
                if (value != null && (dialect == Dialect.BUILDKIT || !environment.containsKey(name))) {
                    visibleArguments.put(name, value);
                }
                args.add(new DeclaredArgs.Declared(name, value));
            }
        } catch (DockerfileException e) {
            throw e.at(arg.lines());
        }
        return new DeclaredArgs(args, used, undefined);
    }

    /** Sets variables of the environment, from an expanded ENV. */
    public void set(Instruction.Env env) {
        try {
            env.pairs().forEach(pair -> put(pair.key(), pair.value()));
        } catch (DockerfileException e) {
            throw e.at(env.lines());
        }
    }

    private void put(String name, String value) {
        grow(name, value);
        environment.put(name, value);
        visibleArguments.remove(name);
    }

    private void grow(String name, @Nullable String value) {
        size += name.length() + (value == null ? 0 : value.length());
        if (size > MAX_SIZE) {
            throw new DockerfileException("environment is too large");
        }
    }

    /** The environment an image of this stage has: {@code NAME=value}, in the order of first definition. */
    public List<String> imageEnvironment() {
        return environment.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList();
    }

    /** What a RUN of this stage gets on top of that: declared arguments that have a value and that no ENV hides, in order. */
    public Map<String, String> runArguments() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(visibleArguments));
    }

    /** Proxy settings given to the build and not declared: RUN gets them, history and cache do not. */
    public Map<String, String> undeclaredProxies() {
        Map<String, String> proxies = new LinkedHashMap<>();
        buildArgs.forEach((name, value) -> {
            if (PROXY_ARGS.contains(name) && !declared.containsKey(name) && !environment.containsKey(name)) {
                proxies.put(name, value);
            }
        });
        return proxies;
    }

    /**
     * What the history of a RUN begins with: {@code ["|2", "A=1", "B="]}; nothing when no arguments are declared. Each has the value a
     * RUN sees.
     */
    public List<String> runHistory() {
        if (declared.isEmpty()) {
            return List.of();
        }
        List<String> history = new ArrayList<>();
        history.add("|" + declared.size());
        for (String name : declared.keySet()) {
            String value = value(name);
            history.add(name + "=" + (value == null ? "" : value));
        }
        return history;
    }

    /** Whether a name was declared by ARG in this stage, with or without a value. */
    public boolean isDeclared(String name) {
        return declared.containsKey(name);
    }

    /**
     * Names this scope's own ARG instructions have asked for. What no scope and no global ARG has asked for was given in vain, and
     * Docker says so.
     */
    public Set<String> consumed() {
        return Collections.unmodifiableSet(consumed);
    }

    @Override
    public @Nullable String value(String name) {
        String argument = visibleArguments.get(name);
        return argument == null ? environment.get(name) : argument;
    }

    @Override
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>(environment.keySet());
        names.addAll(visibleArguments.keySet());
        return names;
    }
}
