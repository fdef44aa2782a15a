package io.berth.architecture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Tests as documents name them: {@code `SomeTest`} or {@code `SomeIT#method`}. */
final class TestReferences {
    private static final Pattern REFERENCE = Pattern.compile("`([A-Z]\\w*(?:Test|IT))(?:#(\\w+))?`");

    private final Map<String, String> sources;

    private TestReferences(Map<String, String> sources) {
        this.sources = sources;
    }

    /** Of the tests that there are now. */
    static TestReferences read() throws IOException {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> files = Files.find(
                projectRoot(),
                20,
                (path, attributes) ->
                        attributes.isRegularFile() && path.toString().matches(".*/src/test/java/.*(Test|IT)\\.java"))) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName()).replace(".java", "");
                sources.merge(name, Files.readString(file), String::concat);
            }
        }
        return new TestReferences(sources);
    }

    static Path projectRoot() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("docs/THREAT_MODEL.md"))) {
            directory = Objects.requireNonNull(directory.getParent(), "no docs/THREAT_MODEL.md above the test");
        }
        return directory;
    }

    static boolean hasAny(String text) {
        return REFERENCE.matcher(text).find();
    }

    /** What a text names, in order. */
    static Set<String> in(String text) {
        Set<String> found = new LinkedHashSet<>();
        Matcher reference = REFERENCE.matcher(text);
        while (reference.find()) {
            found.add(reference.group());
        }
        return found;
    }

    /** Whether the class exists and the method, if one is named, is a test. */
    boolean exists(String reference) {
        Matcher parts = REFERENCE.matcher(reference);
        return parts.matches() && isTest(sources.getOrDefault(parts.group(1), ""), parts.group(2));
    }

    private static boolean isTest(String source, @Nullable String method) {
        return method == null
                ? source.contains("class ")
                : Pattern.compile(
                                "@(?:Parameterized|Repeated)?Test\\b(?:(?!\\bvoid\\b).)*\\bvoid " + method + "\\(",
                                Pattern.DOTALL)
                        .matcher(source)
                        .find();
    }
}
