package io.berth.engine.mount;

import java.util.ArrayList;
import java.util.List;

/** Paths as Go's package {@code path} sees them: by their text alone. */
final class CleanPath {
    private CleanPath() {}

    /** The shortest path that means the same: no {@code .}, no {@code ..} that could be resolved, no double slashes. */
    static String of(String path) {
        boolean absolute = path.startsWith("/");
        List<String> kept = new ArrayList<>();
        for (String part : path.split("/")) {
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            if (!part.equals("..")) {
                kept.add(part);
            } else if (!kept.isEmpty() && !kept.getLast().equals("..")) {
                kept.removeLast();
            } else if (!absolute) {
                kept.add(part);
            }
        }
        String joined = String.join("/", kept);
        if (absolute) {
            return "/" + joined;
        }
        return joined.isEmpty() ? "." : joined;
    }

    /** Whether a relative path stays below where it starts (Go: filepath.IsLocal). */
    static boolean isLocal(String path) {
        if (path.isEmpty() || path.startsWith("/")) {
            return false;
        }
        String clean = of(path);
        return !clean.equals("..") && !clean.startsWith("../");
    }

    /** How deep below the root an absolute path is. */
    static int depth(String path) {
        return of(path).split("/").length;
    }
}
