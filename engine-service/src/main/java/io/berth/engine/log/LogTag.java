package io.berth.engine.log;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A log tag: text with {@code {{.ID}}}, {@code {{.Name}}} and the like, and {@code {{index .ContainerLabels "key"}}}, as in
 * Docker's Go templates.
 */
final class LogTag {
    static final String DEFAULT = "{{.ID}}";

    private static final Pattern LABEL = Pattern.compile("index\\s+\\.ContainerLabels\\s+[\"`](.*)[\"`]");

    private LogTag() {}

    /**
     * Fills a template in.
     *
     * @throws LogDriverException when it names what there is not
     */
    static String of(String template, LogInfo info) {
        StringBuilder tag = new StringBuilder();
        int at = 0;
        for (int open = template.indexOf("{{"); open >= 0; open = template.indexOf("{{", at)) {
            int close = template.indexOf("}}", open + 2);
            if (close < 0) {
                throw new LogDriverException("template: log-tag:1: unclosed action");
            }
            tag.append(template, at, open).append(value(expression(template.substring(open + 2, close)), info));
            at = close + 2;
        }
        return tag.append(template, at, template.length()).toString();
    }

    /** What an action consists of, without the dashes that trim what is around it. */
    private static String expression(String action) {
        int from = action.startsWith("-") ? 1 : 0;
        int to = action.length() - (action.endsWith("-") && action.length() > from ? 1 : 0);
        return action.substring(from, to).strip();
    }

    private static String value(String expression, LogInfo info) {
        Matcher label = LABEL.matcher(expression);
        if (label.matches()) {
            return info.labels().getOrDefault(label.group(1), "");
        }
        return switch (expression) {
            case ".ID" -> info.id().substring(0, 12);
            case ".FullID", ".ContainerID" -> info.id();
            case ".Name" -> info.name();
            case ".ContainerName" -> "/" + info.name();
            // Docker cuts the text with its algorithm: "sha256:abcde".
            case ".ImageID" ->
                info.imageId().substring(0, Math.min(12, info.imageId().length()));
            case ".ImageFullID", ".ContainerImageID" -> info.imageId();
            case ".ImageName", ".ContainerImageName" -> info.imageName();
            case ".Command" -> command(info);
            case ".ContainerEntrypoint" -> info.entrypoint();
            case ".DaemonName" -> "docker";
            case ".ContainerCreated" -> info.created().toString();
            default ->
                throw new LogDriverException("template: log-tag:1:2: executing \"log-tag\" at <" + expression
                        + ">: can't evaluate field " + expression.replaceFirst("^\\.", "")
                        + " in type *logger.Info");
        };
    }

    private static String command(LogInfo info) {
        List<String> words = new ArrayList<>();
        words.add(info.entrypoint());
        words.addAll(info.args());
        return String.join(" ", words);
    }
}
