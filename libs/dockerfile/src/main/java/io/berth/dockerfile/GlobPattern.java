package io.berth.dockerfile;

/**
 * A pattern for sources of COPY and ADD: Go's {@code filepath.Match} in each segment, and {@code **} as a whole segment for any number
 * of segments. Immutable.
 */
public final class GlobPattern {
    private final PathGlob glob;

    private GlobPattern(PathGlob glob) {
        this.glob = glob;
    }

    /** @throws DockerfileException {@code syntax error in pattern} */
    public static GlobPattern of(String pattern) {
        PathGlob.Compiler compiler = new PathGlob.Compiler(pattern, false);
        boolean segmentBegins = true;
        while (!compiler.atEnd()) {
            boolean begins = segmentBegins;
            segmentBegins = false;
            if (begins && compiler.takeAll("**/")) {
                compiler.directories();
                segmentBegins = true;
            } else if (begins && compiler.takeLast("**")) {
                compiler.all();
            } else if (compiler.take('*')) {
                compiler.star();
            } else if (compiler.take('?')) {
                compiler.any();
            } else if (compiler.take('[')) {
                compiler.oneOf();
            } else {
                segmentBegins = compiler.next() == '/';
                compiler.take('\\');
                compiler.literal();
            }
        }
        return new GlobPattern(compiler.compiled());
    }

    /**
     * A pattern by the rules of Go's {@code path.Match} alone: two stars are what one is.
     *
     * @throws DockerfileException {@code syntax error in pattern}
     */
    public static GlobPattern ofSegments(String pattern) {
        PathGlob.Compiler compiler = new PathGlob.Compiler(pattern, false);
        while (!compiler.atEnd()) {
            if (compiler.take('*')) {
                compiler.star();
            } else if (compiler.take('?')) {
                compiler.any();
            } else if (compiler.take('[')) {
                compiler.oneOf();
            } else {
                compiler.take('\\');
                compiler.literal();
            }
        }
        return new GlobPattern(compiler.compiled());
    }

    /** Whether it has any wildcard: otherwise it is a path, once its backslashes are taken away. */
    public static boolean hasWildcard(String pattern) {
        for (int i = 0; i < pattern.length(); i++) {
            switch (pattern.charAt(i)) {
                case '*', '?', '[' -> {
                    return true;
                }
                case '\\' -> i++;
                default -> {
                    // stands for itself
                }
            }
        }
        return false;
    }

    /** Whether a whole path matches. */
    public boolean matches(String path) {
        return glob.matches(path);
    }

    /** Whether something below a directory may match. */
    public boolean mayMatchBelow(String directory) {
        return glob.mayMatchFrom(directory.isEmpty() || directory.equals(".") ? "" : directory + "/");
    }
}
