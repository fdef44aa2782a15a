package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one word or line once: BuildKit's {@code shell.Lex}. */
final class ShellLexer {
    static final String TOO_LONG = "expansion is too long";
    static final int MAX_LENGTH = 1 << 20;
    private static final int MAX_DEPTH = 200;
    private static final char END = '\uffff'; // no character

    private final String in;
    private final char escape;
    private final Variables variables;
    private final boolean rawQuotes;
    private final boolean processQuotes;
    private final boolean keepUnset;
    private final Set<String> used = new LinkedHashSet<>();
    private final Set<String> undefined = new LinkedHashSet<>();
    private boolean rawEscapes;
    private int at;
    private int depth;

    private ShellLexer(
            String in,
            char escape,
            Variables variables,
            boolean rawQuotes,
            boolean rawEscapes,
            boolean processQuotes,
            boolean keepUnset) {
        this.in = in;
        this.escape = escape;
        this.variables = variables;
        this.rawQuotes = rawQuotes;
        this.rawEscapes = rawEscapes;
        this.processQuotes = processQuotes;
        this.keepUnset = keepUnset;
    }

    /** Quotes and escapes are removed, variables filled in. */
    static ExpandedWord word(String in, char escape, Variables variables) {
        return new ShellLexer(in, escape, variables, false, false, true, false).read();
    }

    /** Quotes mean nothing. */
    static ExpandedWord document(String in, Variables variables) {
        return new ShellLexer(in, '\\', variables, false, false, false, false).read();
    }

    /** Quotes stay, and variables that are not set. */
    static ExpandedWord display(String in, char escape, Variables variables) {
        return new ShellLexer(in, escape, variables, true, false, true, true).read();
    }

    /** Quotes and escapes are removed, variables stay. */
    static ExpandedWord unquoted(String in) {
        return new ShellLexer(in, '\\', Variables.EMPTY, false, false, true, true).read();
    }

    /** Splits only: quotes, escapes and variables stay. */
    static ExpandedWord split(String in) {
        return new ShellLexer(in, '\\', Variables.EMPTY, true, true, true, true).read();
    }

    private ExpandedWord read() {
        try {
            Words words = new Words();
            String text = until(END, rawEscapes, words);
            return new ExpandedWord(text, words.all(), used, undefined);
        } catch (DockerfileException e) {
            throw new DockerfileException("failed to process " + Text.quote(in) + ": " + e.getMessage());
        }
    }

    private char peek() {
        return at < in.length() ? in.charAt(at) : END;
    }

    private boolean atEnd() {
        return at >= in.length();
    }

    private char next() {
        return atEnd() ? END : in.charAt(at++);
    }

    private String until(char stop, boolean raw, @Nullable Words words) {
        if (++depth > MAX_DEPTH) {
            throw new DockerfileException("variables are nested too deeply");
        }
        boolean rawBefore = rawEscapes;
        rawEscapes = raw;
        StringBuilder result = new StringBuilder();
        while (!atEnd()) {
            char c = peek();
            if (stop != END && c == stop) {
                at++;
                rawEscapes = rawBefore;
                depth--;
                return result.toString();
            }
            if (c == '$') {
                String value = dollar();
                append(result, value);
                if (words != null) {
                    words.add(value);
                }
            } else if (processQuotes && (c == '\'' || c == '"')) {
                String value = c == '"' ? doubleQuoted() : singleQuoted();
                append(result, value);
                if (words != null) {
                    words.addRaw(value);
                }
            } else {
                plain(result, words);
            }
        }
        if (stop != END) {
            throw new DockerfileException("unexpected end of statement while looking for matching " + stop);
        }
        rawEscapes = rawBefore;
        depth--;
        return result.toString();
    }

    private void plain(StringBuilder result, @Nullable Words words) {
        char c = next();
        boolean escaped = c == escape;
        if (escaped) {
            if (rawEscapes) {
                result.append(c);
                if (words != null) {
                    words.addRaw(c);
                }
            }
            if (atEnd()) {
                return; // nothing to escape
            }
            c = next();
        }
        result.append(c);
        if (words == null) {
            return;
        }
        if (escaped) {
            words.addRaw(c);
        } else {
            words.add(c);
        }
    }

    private static void append(StringBuilder result, String value) {
        if (result.length() + value.length() > MAX_LENGTH) {
            throw new DockerfileException(TOO_LONG);
        }
        result.append(value);
    }

    private String singleQuoted() {
        int from = at++;
        int end = in.indexOf('\'', at);
        if (end < 0) {
            throw new DockerfileException("unexpected end of statement while looking for matching single-quote");
        }
        at = end + 1;
        return rawQuotes ? in.substring(from, at) : in.substring(from + 1, end);
    }

    private String doubleQuoted() {
        StringBuilder result = new StringBuilder();
        char quote = next();
        if (rawQuotes) {
            result.append(quote);
        }
        while (true) {
            if (atEnd()) {
                throw new DockerfileException("unexpected end of statement while looking for matching double-quote");
            }
            char c = peek();
            if (c == '"') {
                at++;
                if (rawQuotes) {
                    result.append(c);
                }
                return result.toString();
            }
            if (c == '$') {
                append(result, dollar());
                continue;
            }
            at++;
            if (c == escape) {
                if (rawEscapes) {
                    result.append(c);
                }
                if (atEnd()) {
                    continue; // the quote has no end: said above
                }
                char escaped = peek();
                // Before any other character the escape character stands for itself.
                if (escaped == '"' || escaped == '$' || escaped == escape) {
                    c = next();
                }
            }
            result.append(c);
        }
    }

    private String dollar() {
        at++;
        if (peek() != '{' || atEnd()) {
            String name = name();
            if (name.isEmpty()) {
                return "$";
            }
            String value = value(name);
            return value != null ? value : keepUnset ? "$" + name : "";
        }
        at++;
        if (atEnd()) {
            throw missingBrace();
        }
        if ("{}:".indexOf(peek()) >= 0) {
            throw new DockerfileException("syntax error: bad substitution");
        }
        String name = name();
        if (atEnd()) {
            throw missingBrace();
        }
        char modifier = next();
        return switch (modifier) {
            case '}' -> {
                String value = value(name);
                yield value != null ? value : keepUnset ? "${" + name + "}" : "";
            }
            case ':' -> modified(name, atEnd() ? END : next(), true);
            case '+', '-', '?', '#', '%' -> modified(name, modifier, false);
            case '/' -> replaced(name);
            default -> throw unsupported(String.valueOf(modifier));
        };
    }

    private String modified(String name, char modifier, boolean emptyIsUnset) {
        String written = emptyIsUnset ? ":" + modifier : String.valueOf(modifier);
        String word = inBraces('}', modifier == '#' || modifier == '%', "syntax error: missing '}'");
        String value = value(name);
        if (value == null && keepUnset) {
            return "${" + name + written + word + "}";
        }
        String present = value == null || (emptyIsUnset && value.isEmpty()) ? null : value;
        return switch (modifier) {
            case '-' -> present == null ? word : present;
            case '+' -> present == null ? "" : word;
            case '?' -> {
                if (present == null) {
                    String state = value == null ? "unset" : "empty";
                    throw new DockerfileException(
                            name + ": " + (word.isEmpty() ? "is not allowed to be " + state : word));
                }
                yield present;
            }
            case '#', '%' -> {
                boolean greedy = !word.isEmpty() && word.charAt(0) == modifier;
                ShellPattern pattern = ShellPattern.of(greedy ? word.substring(1) : word);
                String whole = value == null ? "" : value;
                yield modifier == '#' ? pattern.trimPrefix(whole, greedy) : pattern.trimSuffix(whole, greedy);
            }
            default -> throw unsupported(written);
        };
    }

    private String replaced(String name) {
        boolean all = peek() == '/' && !atEnd();
        if (all) {
            at++;
        }
        String pattern = inBraces('/', true, "syntax error: missing '/' in ${}");
        String replacement = inBraces('}', true, "syntax error: missing '}'");
        String value = value(name);
        if (value == null && keepUnset) {
            return "${" + name + (all ? "//" : "/") + pattern + "/" + replacement + "}";
        }
        return ShellPattern.of(pattern).replace(value == null ? "" : value, replacement, all, MAX_LENGTH);
    }

    private String inBraces(char stop, boolean raw, String messageAtEnd) {
        try {
            return until(stop, raw, null);
        } catch (DockerfileException e) {
            if (atEnd() && depth < MAX_DEPTH) {
                throw new DockerfileException(messageAtEnd);
            }
            throw e;
        }
    }

    private static DockerfileException missingBrace() {
        return new DockerfileException("syntax error: missing '}'");
    }

    private static DockerfileException unsupported(String modifier) {
        return new DockerfileException("unsupported modifier (" + modifier + ") in substitution");
    }

    /** Letters, digits and underscores; or digits only; or one of the shell's special parameters. */
    private String name() {
        int from = at;
        if (atEnd()) {
            return "";
        }
        char first = peek();
        if (Character.isDigit(first)) {
            while (!atEnd() && Character.isDigit(peek())) {
                at++;
            }
        } else if ("@*#?-$!".indexOf(first) >= 0) {
            at++;
        } else {
            while (!atEnd() && (Character.isLetterOrDigit(in.codePointAt(at)) || peek() == '_')) {
                at += Character.charCount(in.codePointAt(at));
            }
        }
        return in.substring(from, at);
    }

    private @Nullable String value(String name) {
        String value = variables.value(name);
        (value == null ? undefined : used).add(name);
        return value;
    }

    /** The words of a text: parted at white space that is neither quoted nor escaped. */
    private static final class Words {
        private final List<String> words = new ArrayList<>();
        private final StringBuilder word = new StringBuilder();

        void add(char c) {
            if (!Text.isSpace(c)) {
                word.append(c);
            } else if (!word.isEmpty()) {
                words.add(word.toString());
                word.setLength(0);
            }
        }

        void add(String text) {
            for (int i = 0; i < text.length(); i++) {
                add(text.charAt(i));
            }
        }

        void addRaw(char c) {
            word.append(c);
        }

        void addRaw(String text) {
            word.append(text);
        }

        List<String> all() {
            if (!word.isEmpty()) {
                words.add(word.toString());
                word.setLength(0);
            }
            return words;
        }
    }
}
