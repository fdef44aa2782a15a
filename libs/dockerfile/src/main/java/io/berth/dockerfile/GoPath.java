package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.List;

/** Go's {@code filepath.Clean} for paths with slashes. */
final class GoPath {
    private GoPath() {}

    static String clean(String path) {
        boolean rooted = path.startsWith("/");
        List<String> parts = new ArrayList<>();
        for (String part : path.split("/", -1)) {
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            if (!part.equals("..")) {
                parts.add(part);
            } else if (!parts.isEmpty() && !parts.getLast().equals("..")) {
                parts.removeLast();
            } else if (!rooted) {
                parts.add(part);
            }
        }
        String clean = (rooted ? "/" : "") + String.join("/", parts);
        return clean.isEmpty() ? "." : clean;
    }
}
