package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Words that announce here-documents: {@code <<EOF}, {@code <<-"EOF"}, {@code 3<<EOF}. */
final class HeredocWord {
    private static final Pattern WORD = Pattern.compile("\\d*<<(-?)([^<]*)", Pattern.DOTALL);

    private HeredocWord() {}

    /**
     * The here-document a whole text announces, without content; null when it announces none.
     *
     * @throws DockerfileException for a quote without end
     */
    static @Nullable Heredoc of(String text) {
        Matcher matcher = WORD.matcher(text);
        if (!matcher.matches() || matcher.group(2).isEmpty()) {
            return null;
        }
        String rest = matcher.group(2);
        List<String> words = ShellLexer.unquoted(rest).words();
        if (words.size() != 1) {
            return null;
        }
        String name = words.getFirst();
        List<String> raw = ShellLexer.display(rest, '\\', Variables.EMPTY).words();
        boolean quoted = quotes(raw.isEmpty() ? "" : raw.getFirst()) != quotes(name);
        return new Heredoc(name, !quoted, matcher.group(1).equals("-"), "");
    }

    /** As {@link #of}, but what cannot be read announces none. */
    static boolean is(String text) {
        try {
            return of(text) != null;
        } catch (DockerfileException e) {
            return false;
        }
    }

    /** Those of an instruction, in order. */
    static List<Heredoc> allOf(String instruction) {
        List<String> words;
        try {
            words = ShellLexer.split(instruction).words();
        } catch (DockerfileException e) {
            return List.of(); // quotes without end are the business of the shell
        }
        List<Heredoc> all = new ArrayList<>();
        for (String word : words) {
            Heredoc heredoc = of(word);
            if (heredoc != null) {
                all.add(heredoc);
            }
        }
        return all;
    }

    private static long quotes(String word) {
        return word.chars().filter(c -> c == '\'' || c == '"').count();
    }
}
