package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Tells the words of a statement apart, as each instruction wants it (BuildKit {@code frontend/dockerfile/parser/line_parsers.go} and
 * {@code split_command.go}).
 */
final class StatementParser {
    private final char escape;

    StatementParser(char escape) {
        this.escape = escape;
    }

    /**
     * @param at where and what; its text may be stripped
     * @param whole the text
     */
    Statement parse(InstructionSource at, String whole) {
        List<String> parts = Text.cutAtBlank(Text.strip(whole));
        List<String> flags = new ArrayList<>();
        String rest = parts.size() < 2 ? "" : Text.strip(takeFlags(parts.get(1), flags));
        return switch (at.keyword().toLowerCase(Locale.ROOT)) {
            case "add", "copy", "volume" -> listOrJson(at, flags, rest);
            case "cmd", "entrypoint", "run", "shell" -> textOrJson(at, flags, List.of(), rest);
            case "arg" -> words(at, flags, words(rest));
            case "expose", "from" -> words(at, flags, rest.isEmpty() ? List.of() : Text.splitAtBlanks(rest));
            case "maintainer", "stopsignal", "user", "workdir" ->
                words(at, flags, rest.isEmpty() ? List.of() : List.of(rest));
            case "env", "label" ->
                new Statement(
                        at, flags, List.of(), false, pairs(at.keyword().toUpperCase(Locale.ROOT), rest), List.of());
            case "healthcheck" -> healthcheck(at, flags, rest);
            case "onbuild" -> onBuild(at, flags, rest);
            default -> words(at, flags, List.of());
        };
    }

    private static Statement words(InstructionSource at, List<String> flags, List<String> words) {
        return new Statement(at, flags, words, false, List.of(), List.of());
    }

    private static Statement listOrJson(InstructionSource at, List<String> flags, String rest) {
        return JsonArray.parse(rest)
                .map(array -> new Statement(at, flags, array, true, List.of(), List.of()))
                .orElseGet(() -> words(at, flags, rest.isEmpty() ? List.of() : Text.splitAtBlanks(rest)));
    }

    private static Statement textOrJson(InstructionSource at, List<String> flags, List<String> before, String rest) {
        List<String> arguments = new ArrayList<>(before);
        if (rest.isEmpty()) {
            return words(at, flags, arguments);
        }
        boolean json = JsonArray.parse(rest)
                .map(array -> {
                    arguments.addAll(array);
                    return true;
                })
                .orElse(false);
        if (!json) {
            arguments.add(rest);
        }
        return new Statement(at, flags, arguments, json, List.of(), List.of());
    }

    private static Statement healthcheck(InstructionSource at, List<String> flags, String rest) {
        int end = 0;
        while (end < rest.length() && !Text.isSpace(rest.charAt(end))) {
            end++;
        }
        if (end == 0) {
            return words(at, flags, List.of());
        }
        return textOrJson(at, flags, List.of(rest.substring(0, end)), Text.stripLeading(rest.substring(end)));
    }

    /** The instruction inside is looked at only so far as to tell its words apart. */
    private Statement onBuild(InstructionSource at, List<String> flags, String rest) {
        if (rest.isEmpty()) {
            return words(at, flags, List.of());
        }
        String keyword = Text.cutAtBlank(rest).getFirst();
        if (keyword.equalsIgnoreCase("onbuild")) {
            return words(at, flags, List.of(keyword)); // refused, however deep
        }
        Statement trigger = parse(new InstructionSource(keyword, rest, at.lines(), List.of()), rest);
        List<String> arguments = new ArrayList<>();
        arguments.add(keyword);
        arguments.addAll(trigger.arguments());
        return new Statement(at, flags, arguments, trigger.json(), List.of(), List.of());
    }

    private List<KeyValue> pairs(String instruction, String rest) {
        List<String> words = words(rest);
        if (words.isEmpty()) {
            return List.of();
        }
        // A blank before the first equals sign: the old form, one name and the rest of the line.
        if (words.getFirst().indexOf('=') < 0) {
            List<String> parts = Text.cutAtBlank(rest);
            if (parts.size() < 2) {
                throw new DockerfileException(instruction + " must have two arguments");
            }
            return List.of(new KeyValue(parts.get(0), parts.get(1), true));
        }
        List<KeyValue> pairs = new ArrayList<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                throw new DockerfileException(
                        "Syntax error - can't find = in " + Text.quote(word) + ". Must be of the form: name=value");
            }
            pairs.add(new KeyValue(word.substring(0, equals), word.substring(equals + 1), false));
        }
        return pairs;
    }

    /** Words parted at white space outside quotes; quotes and escapes stay in them. */
    private List<String> words(String rest) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean empty = true;
        char quote = 0;
        for (int i = 0; i < rest.length(); i++) {
            char c = rest.charAt(i);
            if (quote == 0 && Text.isSpace(c)) {
                if (!empty) {
                    words.add(word.toString());
                    word.setLength(0);
                    empty = true;
                }
                continue;
            }
            if (quote == 0 && (c == '\'' || c == '"')) {
                quote = c;
            } else if (c == quote) {
                quote = 0;
            } else if (c == escape && quote != '\'') {
                if (i + 1 == rest.length()) {
                    break; // nothing to escape
                }
                word.append(c);
                c = rest.charAt(++i);
            }
            word.append(c);
            empty = false;
        }
        if (!empty) {
            words.add(word.toString());
        }
        return words;
    }

    /** The words at the beginning that start with two dashes, without quotes and escapes; what is left is given back. */
    private static String takeFlags(String line, List<String> flags) {
        int i = 0;
        while (true) {
            while (i < line.length() && Text.isSpace(line.charAt(i))) {
                i++;
            }
            if (!line.startsWith("--", i)) {
                return line.substring(i);
            }
            StringBuilder flag = new StringBuilder();
            char quote = 0;
            for (; i < line.length() && (quote != 0 || !Text.isSpace(line.charAt(i))); i++) {
                char c = line.charAt(i);
                if (quote == 0 && (c == '\'' || c == '"')) {
                    quote = c;
                } else if (quote != 0 && c == quote) {
                    quote = 0;
                } else if (c != '\\') {
                    flag.append(c);
                } else if (i + 1 < line.length()) {
                    flag.append(line.charAt(++i));
                }
            }
            if (flag.toString().equals("--")) {
                return line.substring(i);
            }
            flags.add(flag.toString());
        }
    }
}
