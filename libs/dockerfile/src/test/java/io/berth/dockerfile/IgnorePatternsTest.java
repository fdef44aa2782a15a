package io.berth.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

class IgnorePatternsTest {
    /** Each set of patterns leaves the files that Docker left, both path by path and by a walk that prunes. */
    @TestFactory
    Stream<DynamicTest> leavesWhatDockerLeaves() {
        List<String> lines = ExpansionTest.allLines("ignore.txt").toList();
        List<String> files = between(lines.stream()
                .filter(line -> line.startsWith("FILES |"))
                .findFirst()
                .orElseThrow());
        return lines.stream().filter(line -> line.contains(" => |")).map(line -> {
            int arrow = line.indexOf(" => |");
            String text = line.substring(0, arrow).replace('¶', '\n') + "\n";
            List<String> left = between(line.substring(arrow));
            return DynamicTest.dynamicTest(line.substring(0, arrow), () -> {
                IgnorePatterns patterns = IgnorePatterns.parse(text);
                assertThat(files.stream().filter(file -> !patterns.excludes(file)))
                        .containsExactlyInAnyOrderElementsOf(left);
                List<String> walked = new ArrayList<>();
                walk("", files, patterns, walked);
                assertThat(walked).as("by a walk").containsExactlyInAnyOrderElementsOf(left);
            });
        });
    }

    private static List<String> between(String bars) {
        String list = bars.substring(bars.indexOf('|') + 1, bars.length() - 1);
        return list.isEmpty() ? List.of() : Arrays.asList(list.split("\\|"));
    }

    private static void walk(String directory, List<String> files, IgnorePatterns patterns, List<String> into) {
        TreeSet<String> entered = new TreeSet<>();
        for (String file : files) {
            if (file.startsWith(directory)) {
                int slash = file.indexOf('/', directory.length());
                if (slash >= 0) {
                    entered.add(file.substring(0, slash));
                } else if (!patterns.excludes(file)) {
                    into.add(file);
                }
            }
        }
        for (String child : entered) {
            if (!patterns.excludes(child) || patterns.mayHoldIncluded(child)) {
                walk(child + "/", files, patterns, into);
            }
        }
    }

    @Test
    void aWalkStaysOutOfWhatHoldsNothing() {
        IgnorePatterns patterns = IgnorePatterns.parse("*\n!docs/*.md\n!src/**/a\n");
        assertThat(patterns.mayHoldIncluded("docs")).isTrue();
        assertThat(patterns.mayHoldIncluded("docs/sub")).isFalse();
        assertThat(patterns.mayHoldIncluded("src/x/y")).isTrue();
        assertThat(patterns.mayHoldIncluded("node_modules")).isFalse();
        assertThat(patterns.mayHoldIncluded("")).isTrue();
        assertThat(IgnorePatterns.parse("a\n").mayHoldIncluded("a")).isFalse();
        assertThat(IgnorePatterns.parse("a\n!a/b/c\n").mayHoldIncluded("a/b")).isTrue();
        assertThat(IgnorePatterns.parse("a\n!a/b\n").mayHoldIncluded("a/b")).isFalse();
    }

    @Test
    void theRootIsNeverIgnored() {
        IgnorePatterns all = IgnorePatterns.parse("**\n.\n");
        assertThat(all.excludes(".")).isFalse();
        assertThat(all.excludes("")).isFalse();
    }

    @Test
    void readsTheFile() {
        assertThat(IgnorePatterns.parse("\ufeffa\n").excludes("a")).isTrue();
        assertThat(IgnorePatterns.parse("a\r\nb\r\n").excludes("a")).isTrue();
        assertThat(IgnorePatterns.parse("a\n ! b \n").hasExceptions()).isTrue();
        assertThat(IgnorePatterns.parse("# a\n\n  \n").isEmpty()).isTrue();
        assertThat(IgnorePatterns.NONE.excludes("a")).isFalse();
        assertThat(IgnorePatterns.of(List.of("a", "#b")).excludes("#b")).isTrue();
    }

    @Test
    void refusesMalformedPatterns() {
        for (String pattern : List.of("[", "[]", "[a", "[a-]", "[-a]", "[^]", "a\\", "[\\", "a[", "b/[x")) {
            assertThatThrownBy(() -> IgnorePatterns.parse(pattern)).as(pattern).hasMessage("syntax error in pattern");
        }
        assertThatThrownBy(() -> IgnorePatterns.parse("!")).hasMessage("illegal exclusion pattern: \"!\"");
        assertThatThrownBy(() -> IgnorePatterns.parse("x".repeat(5_000))).hasMessage("pattern is too long");
    }

    @Test
    @Timeout(20)
    void hostilePatternsTakeTimeInProportion() {
        IgnorePatterns patterns = IgnorePatterns.parse("**/*a".repeat(100) + "/b\n" + "*a".repeat(500) + "b\n");
        assertThat(patterns.excludes("a/".repeat(500) + "a".repeat(3_000))).isFalse();
        assertThat(patterns.mayHoldIncluded("a/".repeat(500) + "a")).isFalse();
    }
}
