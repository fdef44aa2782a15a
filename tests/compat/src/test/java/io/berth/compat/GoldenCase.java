package io.berth.compat;

import java.util.ArrayList;
import java.util.List;

/**
 * A short script of {@code docker} commands, read from a text file of this form (no shell is involved, quotes group words):
 *
 * <pre>
 * # comment
 * [name of the case]
 * run --rm --name one $IMAGE sh -c 'echo $HOME'    a docker command: streams and exit code are kept
 * sorted: ps -aq                                   likewise, lines sorted
 * exit: stats --no-stream one                      only the exit code is kept
 * quiet: create --name two $IMAGE                  nothing is kept; it must succeed
 * tty: run -it $IMAGE tty                          on a terminal
 * input TEXT: exec -i one cat                      with standard input; \n is a line end
 * typed KEYS: attach one                           on a terminal where this is typed; only the exit code is kept
 * start: wait one                                  left running …
 * finish                                           … until here
 * await one exited                                 a status, or healthy, unhealthy
 * log one ready                                    until the container has printed this
 * inspect one | inspect-all one | state one        as JSON (inspect with options is the docker command)
 * events                                           since the case began
 * happened kill die                                likewise, those whose action begins so
 * api POST /containers/one/resize?h=1&w=2          a request as such: status and answer
 * write NAME TEXT                                  a file $DIR/NAME
 * sleep 200                                        milliseconds
 * </pre>
 *
 * @param group name of the file, without its extension
 */
record GoldenCase(String group, String name, List<GoldenStep> steps) {
    GoldenCase {
        steps = List.copyOf(steps);
    }

    /** Name that is unique in the suite, as in {@code pending.txt}. */
    String id() {
        return group + "/" + name;
    }

    static List<GoldenCase> parse(String group, List<String> lines) {
        List<GoldenCase> cases = new ArrayList<>();
        String name = "";
        List<GoldenStep> steps = new ArrayList<>();
        for (String line : lines) {
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            if (text.startsWith("[") && text.endsWith("]")) {
                if (!steps.isEmpty()) {
                    cases.add(new GoldenCase(group, name, steps));
                }
                name = text.substring(1, text.length() - 1);
                steps = new ArrayList<>();
            } else {
                steps.add(step(text));
            }
        }
        if (!steps.isEmpty()) {
            cases.add(new GoldenCase(group, name, steps));
        }
        return cases;
    }

    private static GoldenStep step(String text) {
        List<String> words = words(text);
        List<String> rest = words.subList(1, words.size());
        return switch (words.getFirst()) {
            case "sorted:" -> docker(text, rest, GoldenStep.Kept.SORTED);
            case "exit:" -> docker(text, rest, GoldenStep.Kept.EXIT);
            case "quiet:" -> docker(text, rest, GoldenStep.Kept.NOTHING);
            case "tty:" -> new GoldenStep.Docker(text, rest, GoldenStep.Kept.ALL, "", true);
            case "input" -> withInput(text, rest, false);
            case "typed" -> withInput(text, rest, true);
            case "start:" -> new GoldenStep.Start(text, rest);
            case "finish" -> new GoldenStep.Finish(text);
            case "await" -> new GoldenStep.Await(text, rest.get(0), rest.get(1));
            case "log" -> new GoldenStep.AwaitLog(text, rest.get(0), rest.get(1));
            case "inspect" ->
                rest.size() == 1
                        ? new GoldenStep.Inspect(text, rest.getFirst())
                        : docker(text, words, GoldenStep.Kept.ALL);
            case "inspect-all" -> new GoldenStep.InspectAll(text, rest.getFirst());
            case "state" -> new GoldenStep.State(text, rest.getFirst());
            case "events" ->
                rest.isEmpty() ? new GoldenStep.Events(text, List.of()) : docker(text, words, GoldenStep.Kept.ALL);
            case "happened" -> new GoldenStep.Events(text, rest);
            case "api" -> new GoldenStep.Api(text, rest.get(0), rest.get(1));
            case "write" -> new GoldenStep.Write(text, rest.get(0), unescaped(rest.get(1)));
            case "sleep" -> new GoldenStep.Pause(text, Long.parseLong(rest.getFirst()));
            default -> docker(text, words, GoldenStep.Kept.ALL);
        };
    }

    private static GoldenStep docker(String text, List<String> words, GoldenStep.Kept kept) {
        return new GoldenStep.Docker(text, words, kept, "", false);
    }

    private static GoldenStep withInput(String text, List<String> rest, boolean terminal) {
        String input = rest.getFirst();
        if (!input.endsWith(":")) {
            throw new IllegalArgumentException("not TEXT: COMMAND in " + text);
        }
        String content = unescaped(input.substring(0, input.length() - 1));
        return new GoldenStep.Docker(
                text,
                rest.subList(1, rest.size()),
                terminal ? GoldenStep.Kept.EXIT : GoldenStep.Kept.ALL,
                content,
                terminal);
    }

    private static String unescaped(String text) {
        return text.replace("\\n", "\n");
    }

    /** Words separated by blanks; quotes of either kind group, nothing escapes. */
    static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inside = false;
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '\'' || c == '"') {
                quote = c;
                inside = true;
            } else if (c == ' ') {
                if (inside) {
                    words.add(word.toString());
                    word.setLength(0);
                }
                inside = false;
            } else {
                word.append(c);
                inside = true;
            }
        }
        if (quote != 0) {
            throw new IllegalArgumentException("a quote is not closed in " + text);
        }
        if (inside) {
            words.add(word.toString());
        }
        return words;
    }
}
