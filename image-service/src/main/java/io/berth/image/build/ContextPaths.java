package io.berth.image.build;

import io.berth.dockerfile.Dockerfile;
import io.berth.dockerfile.DockerfileException;
import io.berth.dockerfile.Instruction;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which files of the context a build needs, as far as that can be told before it begins.
 *
 * @param all whether it may be any
 * @param paths otherwise: files, and directories with all that is below, sorted, without {@code ./}, {@code ../} or wildcards
 */
public record ContextPaths(boolean all, List<String> paths) {
    /** Any file. */
    public static final ContextPaths ALL = new ContextPaths(true, List.of());

    private static final String BIND_SOURCE = "source=";
    private static final String WILDCARDS = "*?[";
    /** Variables, and characters that are not themselves. */
    private static final String UNKNOWN = "$\\\"'";

    public ContextPaths {
        paths = List.copyOf(paths);
    }

    /** What some stages of a Dockerfile copy or mount; what depends on a variable may be anything. */
    static ContextPaths of(Dockerfile dockerfile, Set<Integer> stages) {
        Set<String> paths = new TreeSet<>();
        stages.forEach(
                index -> dockerfile.stages().get(index).instructions().forEach(instruction -> add(instruction, paths)));
        return paths.contains("") ? ALL : new ContextPaths(false, List.copyOf(paths));
    }

    private static void add(Instruction instruction, Set<String> paths) {
        switch (instruction) {
            case Instruction.Copy copy -> {
                if (copy.from() == null) {
                    copy.files().sources().forEach(source -> paths.add(path(source)));
                }
            }
            // Of an address something like a path is made, which no client has.
            case Instruction.Add add -> add.files().sources().forEach(source -> paths.add(path(source)));
            case Instruction.Run run -> run.mountFlags().forEach(flag -> mount(flag, paths));
            case Instruction.OnBuild onBuild -> trigger(onBuild.trigger(), paths);
            default -> {
                // needs no files
            }
        }
    }

    private static void trigger(String text, Set<String> paths) {
        try {
            add(Dockerfile.parseInstruction(text), paths);
        } catch (DockerfileException e) {
            paths.add(""); // it fails where it is used, if it is
        }
    }

    private static void mount(String flag, Set<String> paths) {
        List<String> options = Arrays.asList(flag.split(","));
        if (options.stream().anyMatch(option -> option.startsWith("from="))) {
            return;
        }
        boolean other = options.stream()
                .anyMatch(option -> option.startsWith("type=") && !option.equals("type=bind") && !option.contains("$"));
        if (!other) {
            paths.add(options.stream()
                    .filter(option -> option.startsWith(BIND_SOURCE) || option.startsWith("src="))
                    .reduce((_, last) -> last)
                    .map(option -> path(option.substring(option.indexOf('=') + 1)))
                    .orElse(""));
        }
    }

    /** What is before the first wildcard, in whole names; empty for the context itself. */
    private static String path(String source) {
        if (source.chars().anyMatch(c -> UNKNOWN.indexOf(c) >= 0)) {
            return "";
        }
        return Arrays.stream(SourceFiles.clean(source).split("/"))
                .takeWhile(part -> part.chars().noneMatch(c -> WILDCARDS.indexOf(c) >= 0))
                .collect(Collectors.joining("/"));
    }
}
