package io.berth.buildkit;

import java.util.List;

/**
 * What to bring of a client's local directory (moby/buildkit: client/llb, LocalOption).
 *
 * <p>The client applies the patterns (those of {@code .dockerignore}, moby/patternmatcher): they save transfer. What it sends
 * in spite of them is kept nevertheless, so who relies on an exclusion applies it again.
 *
 * @param name as the client calls it: {@code context}, {@code dockerfile}, or that of a named context
 * @param includePatterns what to send; empty for all
 * @param excludePatterns what not to send; {@code !} in front includes again
 * @param followPaths paths to send with the targets of the links they lead through; only these, where there are any
 * @param comparison what tells that a file has changed
 * @param sharedKeyHint tells apart what one client keeps of equally named directories; empty to use the name
 */
public record LocalDirectory(
        String name,
        List<String> includePatterns,
        List<String> excludePatterns,
        List<String> followPaths,
        Comparison comparison,
        String sharedKeyHint) {

    /** How the client's files are compared with those that are here. */
    public enum Comparison {
        /** By type, mode, owner, size and time; what is equal is not sent. */
        METADATA,
        /** Not at all: everything is sent. */
        NONE
    }

    public LocalDirectory {
        includePatterns = List.copyOf(includePatterns);
        excludePatterns = List.copyOf(excludePatterns);
        followPaths = List.copyOf(followPaths);
    }

    /** All of a directory. */
    public static LocalDirectory all(String name) {
        return new LocalDirectory(name, List.of(), List.of(), List.of(), Comparison.METADATA, "");
    }

    /** A directory without what its ignore file names. */
    public static LocalDirectory excluding(String name, List<String> excludePatterns) {
        return new LocalDirectory(name, List.of(), excludePatterns, List.of(), Comparison.METADATA, "");
    }

    /** Some files of a directory, with what links among them lead to. */
    public static LocalDirectory only(String name, List<String> paths) {
        return new LocalDirectory(name, List.of(), List.of(), paths, Comparison.METADATA, name);
    }
}
