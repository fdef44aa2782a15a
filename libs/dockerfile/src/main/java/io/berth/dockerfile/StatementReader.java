package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Makes statements of the lines of a file: directives, comments, continuation lines and here-documents. Reads one file, once
 * (BuildKit {@code frontend/dockerfile/parser/parser.go}).
 */
final class StatementReader {
    private final String text;
    private final DirectiveReader directives = new DirectiveReader();
    private final List<Statement> statements = new ArrayList<>();
    private final List<Lines> emptyContinuations = new ArrayList<>();
    private List<String> comments = new ArrayList<>();
    private int at;
    private int line;

    StatementReader(String text) {
        this.text = text.startsWith("\ufeff") ? text.substring(1) : text;
    }

    /** @throws DockerfileException for what is no statement, with its lines */
    List<Statement> read() {
        while (at < text.length()) {
            String first = Text.stripLeading(withoutEnd(nextLine()));
            if (first.startsWith("#")) {
                comment(first);
                continue;
            }
            directives.end();
            if (first.isEmpty()) {
                comments = new ArrayList<>(); // what stands before an empty line is about nothing below it
            } else {
                statement(first);
            }
        }
        if (statements.isEmpty()) {
            throw new DockerfileException("file with no instructions", Lines.line(line));
        }
        return statements;
    }

    Directives directives() {
        return directives.directives();
    }

    /** Where a continuation line was empty. */
    List<Lines> emptyContinuations() {
        return emptyContinuations;
    }

    private void comment(String comment) {
        try {
            if (directives.read(comment)) {
                return;
            }
        } catch (DockerfileException e) {
            throw e.at(Lines.line(line));
        }
        String content = Text.strip(comment.substring(1));
        if (content.isEmpty()) {
            comments = new ArrayList<>();
        } else {
            comments.add(content);
        }
    }

    private void statement(String first) {
        int firstLine = line;
        StringBuilder joined = new StringBuilder();
        String part = first;
        boolean emptyLine = false;
        while (true) {
            int end = continuation(part);
            joined.append(part, 0, end < 0 ? part.length() : end);
            if (end < 0) {
                break;
            }
            String next = null;
            while (next == null && at < text.length()) {
                String candidate = withoutEnd(nextLine());
                String stripped = Text.stripLeading(candidate);
                if (stripped.isEmpty()) {
                    emptyLine = true;
                } else if (!stripped.startsWith("#")) {
                    next = candidate;
                }
            }
            if (next == null) {
                break;
            }
            part = next;
        }
        if (emptyLine) {
            emptyContinuations.add(Lines.line(line));
        }
        add(joined.toString(), firstLine);
    }

    private void add(String whole, int firstLine) {
        try {
            StatementParser parser = new StatementParser(directives.escape());
            Statement statement = parser.parse(
                    new InstructionSource(keyword(whole), Text.strip(whole), new Lines(firstLine, line), comments),
                    whole);
            List<Heredoc> heredocs = whole.contains("<<") && canHaveHeredocs(statement) ? heredocs(whole) : List.of();
            InstructionSource source = new InstructionSource(
                    statement.at().keyword(), statement.at().text(), new Lines(firstLine, line), comments);
            statements.add(new Statement(
                    source, statement.flags(), statement.arguments(), statement.json(), statement.pairs(), heredocs));
            comments = new ArrayList<>();
        } catch (DockerfileException e) {
            throw e.at(new Lines(firstLine, line));
        }
    }

    private static String keyword(String whole) {
        return Text.cutAtBlank(Text.strip(whole)).getFirst();
    }

    private static boolean canHaveHeredocs(Statement statement) {
        String keyword = statement.at().keyword();
        if (keyword.equalsIgnoreCase("onbuild") && !statement.arguments().isEmpty()) {
            keyword = statement.arguments().getFirst();
        }
        return !statement.json()
                && switch (keyword.toLowerCase(Locale.ROOT)) {
                    case "add", "copy", "run" -> true;
                    default -> false;
                };
    }

    private List<Heredoc> heredocs(String whole) {
        List<Heredoc> all = new ArrayList<>();
        for (Heredoc heredoc : HeredocWord.allOf(whole)) {
            StringBuilder content = new StringBuilder();
            boolean ended = false;
            while (!ended && at < text.length()) {
                String next = nextLine();
                String end = withoutEnd(next);
                if (heredoc.stripTabs()) {
                    end = end.substring(leadingTabs(end));
                }
                ended = end.equals(heredoc.name());
                if (!ended) {
                    content.append(next);
                }
            }
            if (!ended) {
                throw new DockerfileException("unterminated heredoc");
            }
            all.add(new Heredoc(heredoc.name(), heredoc.expand(), heredoc.stripTabs(), content.toString()));
        }
        return all;
    }

    private static int leadingTabs(String line) {
        int tabs = 0;
        while (tabs < line.length() && line.charAt(tabs) == '\t') {
            tabs++;
        }
        return tabs;
    }

    /**
     * Where a line ends that the next one continues; -1 when none does. Two escape characters at the end do not continue it, as in
     * {@code C:\\}.
     */
    private int continuation(String part) {
        int end = part.length();
        while (end > 0 && (part.charAt(end - 1) == ' ' || part.charAt(end - 1) == '\t')) {
            end--;
        }
        char escape = directives.escape();
        boolean continues = end > 0 && part.charAt(end - 1) == escape && (end == 1 || part.charAt(end - 2) != escape);
        return continues ? end - 1 : -1;
    }

    private String nextLine() {
        int end = text.indexOf('\n', at);
        String next = end < 0 ? text.substring(at) : text.substring(at, end + 1);
        at += next.length();
        line++;
        return next;
    }

    private static String withoutEnd(String line) {
        int end = line.length();
        while (end > 0 && (line.charAt(end - 1) == '\n' || line.charAt(end - 1) == '\r')) {
            end--;
        }
        return line.substring(0, end);
    }

    /** Reads the comments at the top. */
    private static final class DirectiveReader {
        private @Nullable String syntax;
        private @Nullable Character escape;
        private @Nullable CheckSettings checks;
        private boolean ended;

        char escape() {
            return escape == null ? Directives.DEFAULT.escape() : escape;
        }

        Directives directives() {
            return new Directives(syntax, escape(), checks == null ? CheckSettings.DEFAULT : checks);
        }

        void end() {
            ended = true;
        }

        /** Whether the comment is a directive; the first one that is not ends them all. */
        boolean read(String comment) {
            int equals = comment.indexOf('=');
            String name =
                    equals < 0 ? "" : Text.strip(comment.substring(1, equals)).toLowerCase(Locale.ROOT);
            String value = equals < 0 ? "" : Text.strip(comment.substring(equals + 1));
            if (ended || value.isEmpty()) {
                ended = true;
                return false;
            }
            switch (name) {
                case "syntax" -> {
                    once(syntax == null, name);
                    syntax = value;
                }
                case "escape" -> {
                    once(escape == null, name);
                    if (!value.equals("\\") && !value.equals("`")) {
                        throw new DockerfileException("invalid escape token '" + value + "' does not match ` or \\");
                    }
                    escape = value.charAt(0);
                }
                case "check" -> {
                    once(checks == null, name);
                    try {
                        checks = CheckSettings.parse(value);
                    } catch (DockerfileException e) {
                        throw new DockerfileException("failed to parse check options: " + e.getMessage());
                    }
                }
                default -> ended = true;
            }
            return !ended;
        }

        private static void once(boolean first, String name) {
            if (!first) {
                throw new DockerfileException("only one " + name + " parser directive can be used");
            }
        }
    }
}
