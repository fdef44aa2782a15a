package io.berth.dockerfile;

/**
 * One pattern of {@link IgnorePatterns}. moby/patternmatcher has four ways to match, and what a pattern means depends on which one it
 * picks: {@code **foo} matches {@code afoo}, but {@code **foo*} does not match {@code afoo}.
 *
 * @param text without the exclamation mark, clean
 * @param exception whether it began with one
 */
record IgnorePattern(String text, boolean exception, Way way, PathGlob glob) {
    enum Way {
        EXACT,
        PREFIX,
        SUFFIX,
        GLOB
    }

    /** @throws DockerfileException for a malformed pattern */
    static IgnorePattern of(String pattern) {
        boolean exception = pattern.startsWith("!");
        String text = exception ? pattern.substring(1) : pattern;
        if (text.isEmpty()) {
            throw new DockerfileException("illegal exclusion pattern: \"!\"");
        }
        PathGlob.Compiler compiler = new PathGlob.Compiler(text, true);
        Way way = Way.EXACT;
        for (boolean first = true; !compiler.atEnd(); first = false) {
            if (compiler.take('*')) {
                if (!compiler.take('*')) {
                    compiler.star();
                    way = Way.GLOB;
                    continue;
                }
                compiler.take('/');
                if (!compiler.atEnd()) {
                    compiler.directories();
                    way = Way.GLOB;
                } else if (way == Way.EXACT) {
                    way = Way.PREFIX;
                } else {
                    compiler.all();
                    way = Way.GLOB;
                }
                way = first ? Way.SUFFIX : way;
            } else if (compiler.take('?')) {
                compiler.any();
                way = Way.GLOB;
            } else if (compiler.take('[')) {
                compiler.oneOf();
                way = Way.GLOB;
            } else if (compiler.take('\\')) {
                compiler.literal();
                way = Way.GLOB;
            } else {
                compiler.literal();
            }
        }
        return new IgnorePattern(text, exception, way, compiler.compiled());
    }

    boolean matches(String path) {
        return switch (way) {
            case EXACT -> path.equals(text);
            case PREFIX -> path.startsWith(text.substring(0, text.length() - 2));
            case SUFFIX -> {
                String suffix = text.substring(2);
                yield path.endsWith(suffix) || (suffix.startsWith("/") && path.equals(suffix.substring(1)));
            }
            case GLOB -> glob.matches(path);
        };
    }

    boolean mayMatchBelow(String directory) {
        String prefix = directory.isEmpty() || directory.equals(".") ? "" : directory + "/";
        return switch (way) {
            case EXACT -> text.startsWith(prefix);
            case PREFIX -> {
                String start = text.substring(0, text.length() - 2);
                yield start.startsWith(prefix) || prefix.startsWith(start);
            }
            case SUFFIX -> true;
            case GLOB -> glob.mayMatchFrom(prefix);
        };
    }
}
