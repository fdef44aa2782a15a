package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fills in variables: quotes, escapes, {@code $name}, {@code ${name}} and its modifiers, as BuildKit's {@code shell.Lex}. Immutable.
 *
 * @param escape {@code \} or {@code `}
 */
public record Expansion(char escape) {
    /** What one instruction may become: far above what any image has, and a line can name a long variable thousands of times. */
    private static final int MAX_LENGTH = 8 << 20;

    /**
     * One word.
     *
     * @throws DockerfileException for quotes or braces without end, unknown modifiers, and {@code ${name:?message}}
     */
    public ExpandedWord word(String word, Variables variables) {
        return ShellLexer.word(word, escape, variables);
    }

    /**
     * The text of a here-document: variables are filled in, quotes stay. The backslash escapes, whatever the file says.
     *
     * @throws DockerfileException as {@link #word}
     */
    public ExpandedWord document(String text, Variables variables) {
        return ShellLexer.document(text, variables);
    }

    /**
     * A text for progress output: variables are filled in where they are set, everything else stays as it is. What cannot be read
     * is left alone.
     */
    public String display(String text, Variables variables) {
        try {
            return ShellLexer.display(text, escape, variables).text();
        } catch (DockerfileException e) {
            return text;
        }
    }

    /**
     * An instruction with the values of its variables. What is executed (RUN, CMD, ENTRYPOINT, SHELL, HEALTHCHECK), ONBUILD,
     * MAINTAINER and ARG stay as they are: {@link RunMount#of} expands mounts, {@link ArgScope} arguments.
     *
     * @throws DockerfileException with the lines of the instruction, also where it becomes longer than 8 MiB
     */
    @SuppressWarnings("unchecked") // each case gives the kind of instruction it was given
    public <I extends Instruction> Expanded<I> instruction(I instruction, Variables variables) {
        Words words = new Words(this, variables);
        try {
            Instruction expanded = expand(instruction, words);
            return new Expanded<>((I) expanded, words.used, words.undefined);
        } catch (DockerfileException e) {
            throw e.at(instruction.lines());
        }
    }

    private static Instruction expand(Instruction instruction, Words words) {
        return switch (instruction) {
            case Instruction.Add i ->
                new Instruction.Add(
                        i.at(),
                        words.of(i.files()),
                        words.ofOptional(i.chown()),
                        words.ofOptional(i.chmod()),
                        i.link(),
                        i.keepGitDir(),
                        words.ofOptional(i.checksum()),
                        i.unpack(),
                        words.ofAll(i.excludes()));
            case Instruction.Copy i -> {
                String from = i.from();
                if (from != null && !words.without(from)) {
                    throw new DockerfileException(
                            "variable expansion is not supported for --from, define a new stage with"
                                    + " FROM using ARG from global scope as a workaround");
                }
                yield new Instruction.Copy(
                        i.at(),
                        words.of(i.files()),
                        from,
                        words.ofOptional(i.chown()),
                        words.ofOptional(i.chmod()),
                        i.link(),
                        i.parents(),
                        words.ofAll(i.excludes()));
            }
            case Instruction.Env i -> new Instruction.Env(i.at(), words.ofPairs(i.pairs()));
            case Instruction.Label i -> new Instruction.Label(i.at(), words.ofPairs(i.pairs()));
            case Instruction.Expose i -> new Instruction.Expose(i.at(), words.split(i.ports()));
            case Instruction.From i -> from(i, words);
            case Instruction.StopSignal i -> new Instruction.StopSignal(i.at(), words.of(i.signal()));
            case Instruction.User i -> new Instruction.User(i.at(), words.of(i.user()));
            case Instruction.Volume i -> {
                List<String> paths = words.ofAll(i.paths());
                if (paths.contains("")) {
                    throw new DockerfileException("VOLUME specified can not be an empty string");
                }
                yield new Instruction.Volume(i.at(), paths);
            }
            case Instruction.Workdir i -> new Instruction.Workdir(i.at(), words.of(i.path()));
            case Instruction.Arg i -> i;
            case Instruction.Cmd i -> i;
            case Instruction.Entrypoint i -> i;
            case Instruction.Healthcheck i -> i;
            case Instruction.Maintainer i -> i;
            case Instruction.OnBuild i -> i;
            case Instruction.Run i -> i;
            case Instruction.Shell i -> i;
        };
    }

    private static Instruction.From from(Instruction.From from, Words words) {
        String base = words.of(from.base());
        if (base.isEmpty()) {
            throw new DockerfileException("base name (" + from.base() + ") should not be blank");
        }
        String platform = words.ofNullable(from.platform());
        if (platform != null && platform.isEmpty()) {
            String message = "empty platform value from expression " + from.platform();
            for (String name : words.undefined) {
                message = Suggestion.append(message, name, words.variables.names(), true);
            }
            throw new DockerfileException(message);
        }
        return new Instruction.From(from.at(), base, from.stageName(), platform, from.description());
    }

    /**
     * An instruction with the values of its variables.
     *
     * @param used variables that were set
     * @param undefined variables that were not
     */
    public record Expanded<I extends Instruction>(I instruction, Set<String> used, Set<String> undefined) {
        public Expanded {
            used = Collections.unmodifiableSet(new LinkedHashSet<>(used));
            undefined = Collections.unmodifiableSet(new LinkedHashSet<>(undefined));
        }
    }

    /** Expands the words of one instruction and remembers their variables. */
    private static final class Words {
        private final Expansion expansion;
        private final Variables variables;
        private final Set<String> used = new LinkedHashSet<>();
        private final Set<String> undefined = new LinkedHashSet<>();
        private long length;

        Words(Expansion expansion, Variables variables) {
            this.expansion = expansion;
            this.variables = variables;
        }

        String of(String word) {
            return noted(expansion.word(word, variables)).text();
        }

        @Nullable
        String ofNullable(@Nullable String word) {
            return word == null ? null : of(word);
        }

        /** A value that comes out empty is as good as none. */
        @Nullable
        String ofOptional(@Nullable String word) {
            String value = ofNullable(word);
            return value == null || value.isEmpty() ? null : value;
        }

        List<String> ofAll(List<String> words) {
            return words.stream().map(this::of).toList();
        }

        List<String> split(List<String> words) {
            List<String> all = new ArrayList<>();
            for (String word : words) {
                all.addAll(noted(expansion.word(word, variables)).words());
            }
            return all;
        }

        List<KeyValue> ofPairs(List<KeyValue> pairs) {
            return pairs.stream()
                    .map(pair -> new KeyValue(of(pair.key()), of(pair.value()), pair.legacy()))
                    .toList();
        }

        CopyFiles of(CopyFiles files) {
            List<Heredoc> documents = files.documents().stream()
                    .map(document -> document.expand()
                            ? new Heredoc(
                                    document.name(),
                                    false,
                                    false,
                                    noted(expansion.document(document.text(), variables))
                                            .text())
                            : new Heredoc(document.name(), false, false, document.text()))
                    .toList();
            return new CopyFiles(ofAll(files.sources()), documents, of(files.destination()));
        }

        /** Whether nothing in the word is a variable, a quote or an escape. */
        boolean without(String word) {
            return expansion.word(word, Variables.EMPTY).text().equals(word);
        }

        private ExpandedWord noted(ExpandedWord word) {
            length += word.text().length();
            if (length > MAX_LENGTH) {
                throw new DockerfileException(ShellLexer.TOO_LONG);
            }
            used.addAll(word.used());
            undefined.addAll(word.undefined());
            return word;
        }
    }
}
