package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What RUN, CMD or ENTRYPOINT is to execute.
 *
 * @param shellForm whether it was written as text for a shell instead of as a JSON array
 * @param words the array; for the shell form one word, the text (none when nothing was written)
 * @param heredocs here-documents of the instruction (RUN only)
 */
public record CommandLine(boolean shellForm, List<String> words, List<Heredoc> heredocs) {
    /** The directory of {@link #script scripts}. */
    public static final String SCRIPTS = "/dev/pipes/";

    public CommandLine {
        words = List.copyOf(words);
        heredocs = List.copyOf(heredocs);
    }

    /**
     * The arguments to execute or to put in an image: the words, or the shell and the text, with its here-documents.
     *
     * @param shell such as {@code ["/bin/sh", "-c"]}
     */
    public List<String> arguments(List<String> shell) {
        if (!shellForm) {
            return words;
        }
        List<String> arguments = new ArrayList<>(shell);
        arguments.add(text());
        return arguments;
    }

    /**
     * The only here-document, if it is all there is and its text begins with {@code #!}: then it is a file to execute. BuildKit
     * puts it at {@code /dev/pipes/<name>} for the time of the RUN, mode 0755, read-only.
     */
    public Optional<Heredoc> script() {
        return onlyHeredoc().filter(heredoc -> heredoc.text().startsWith("#!"));
    }

    private String text() {
        String text = String.join(" ", words);
        Optional<Heredoc> only = onlyHeredoc();
        if (only.isPresent()) {
            // The shell runs the text itself, so that it need not know here-documents.
            return script().isPresent()
                    ? SCRIPTS + only.get().name()
                    : only.get().text();
        }
        StringBuilder whole = new StringBuilder(text);
        for (Heredoc heredoc : heredocs) {
            whole.append('\n').append(heredoc.content()).append(heredoc.name());
        }
        return whole.toString();
    }

    private Optional<Heredoc> onlyHeredoc() {
        return heredocs.isEmpty() || words.size() != 1 || !HeredocWord.is(words.getFirst())
                ? Optional.empty()
                : Optional.of(heredocs.getFirst());
    }
}
