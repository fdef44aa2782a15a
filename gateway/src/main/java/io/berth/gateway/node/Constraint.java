package io.berth.gateway.node;

import io.berth.docker.error.InvalidParameter;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A condition on a node's labels, in the words of Docker Swarm (standalone): {@code storage==ssd}, {@code zone!=b}, {@code node==n2}. The
 * value may have {@code *} for any characters.
 *
 * @param key a label of the node, or {@code node} for its name
 * @param equal whether the label must match, or must not
 * @param value a pattern; a label that is missing matches none
 */
public record Constraint(String key, boolean equal, String value) {
    private static final Pattern FORM = Pattern.compile("\\s*([A-Za-z0-9_][A-Za-z0-9_.\\-]*)\\s*(==|!=)\\s*(\\S+)\\s*");

    /**
     * @throws InvalidParameter when it is not of that form
     */
    public static Constraint parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new InvalidParameter("invalid constraint: \"" + text + "\" (key==value or key!=value)");
        }
        return new Constraint(form.group(1), form.group(2).equals("=="), form.group(3));
    }

    /** Whether a node with these labels is allowed. */
    public boolean allows(Map<String, String> labels) {
        String there = labels.get(key);
        return equal == (there != null && matches(there));
    }

    private boolean matches(String text) {
        String[] parts = value.split("\\*", -1);
        if (parts.length == 1) {
            return text.equals(value);
        }
        // What stands first and last is fixed; of what is between, the first place that fits is as good as any.
        String last = parts[parts.length - 1];
        int at = parts[0].length();
        if (!text.startsWith(parts[0])) {
            return false;
        }
        for (int i = 1; i < parts.length - 1; i++) {
            int found = text.indexOf(parts[i], at);
            if (found < 0) {
                return false;
            }
            at = found + parts[i].length();
        }
        return text.length() - at >= last.length() && text.endsWith(last);
    }

    @Override
    public String toString() {
        return key + (equal ? "==" : "!=") + value;
    }
}
