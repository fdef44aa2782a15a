package io.berth.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * {@code java.util.regex} is for the product's own constants, and those take no exponential time: whatever comes from outside is for
 * {@code io.berth.pattern}.
 *
 * <p>Which calls there are is read from the classes, what their first argument is from the sources.
 */
class PatternRulesTest {
    private static final Set<String> OF_STRING = Set.of("matches", "split", "replaceAll", "replaceFirst");
    private static final Set<String> OF_PATTERN = Set.of("compile", "matches");

    /** Looks at characters for a text of {@link #PUMPED}; what is exponential takes billions. */
    private static final int MOST_LOOKS = 100_000;

    private static final int PUMPED = 40;

    /** Longer than any loop by recursion could bear on {@link #STACK}, which is less than a service's threads have. */
    private static final int LONG = 8_000;

    private static final int STACK = 256 * 1024;

    /** A regular expression of the product's own. */
    private record Constant(String place, String regex) {}

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.find(
                TestReferences.projectRoot(),
                20,
                (path, attributes) -> attributes.isRegularFile()
                        && path.toString().endsWith(".java")
                        && path.toString().contains("/src/main/java/io/berth/")
                        && !path.toString().contains("/tests/"))) {
            return files.toList();
        }
    }

    /** Lines with a call that takes a regular expression, by path below a source root. */
    private static Map<String, Set<Integer>> calls() {
        Map<String, Set<Integer>> calls = new HashMap<>();
        for (JavaClass type : ProductClasses.all()) {
            for (JavaMethodCall call : type.getMethodCallsFromSelf()) {
                JavaClass owner = call.getTargetOwner();
                boolean regex = (owner.isEquivalentTo(String.class) && OF_STRING.contains(call.getName()))
                        || (owner.isEquivalentTo(Pattern.class) && OF_PATTERN.contains(call.getName()));
                if (regex) {
                    String file = type.getPackageName().replace('.', '/') + "/"
                            + type.getSource()
                                    .flatMap(source -> source.getFileName())
                                    .orElseThrow();
                    calls.computeIfAbsent(file, _ -> new HashSet<>()).add(call.getLineNumber());
                }
            }
        }
        return calls;
    }

    /** Reads all constants; what is none is added to {@code others}. */
    private static List<Constant> constants(Set<String> others) throws IOException {
        Map<String, Set<Integer>> calls = calls();
        List<Constant> constants = new ArrayList<>();
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask)
                    compiler.getTask(null, files, null, null, null, files.getJavaFileObjectsFromPaths(sources()));
            Trees trees = Trees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                String path = unit.getSourceFile().toUri().getPath();
                String below = path.substring(path.indexOf("/src/main/java/") + "/src/main/java/".length());
                Set<Integer> lines = calls.getOrDefault(below, Set.of());
                if (!lines.isEmpty()) {
                    new Calls(unit, trees, lines, below, constants, others).scan(unit, null);
                }
            }
        }
        return constants;
    }

    /** The calls of one source. */
    private static final class Calls extends TreeScanner<@Nullable Void, @Nullable Void> {
        private final CompilationUnitTree unit;
        private final Trees trees;
        private final Set<Integer> lines;
        private final String place;
        private final List<Constant> constants;
        private final Set<String> others;
        private final Map<String, ExpressionTree> fields = new HashMap<>();

        Calls(
                CompilationUnitTree unit,
                Trees trees,
                Set<Integer> lines,
                String place,
                List<Constant> constants,
                Set<String> others) {
            this.unit = unit;
            this.trees = trees;
            this.lines = lines;
            this.place = place;
            this.constants = constants;
            this.others = others;
            new TreeScanner<@Nullable Void, @Nullable Void>() {
                @Override
                public @Nullable Void visitVariable(VariableTree variable, @Nullable Void nothing) {
                    if (variable.getInitializer() != null
                            && variable.getModifiers().toString().contains("static final")) {
                        fields.put(variable.getName().toString(), variable.getInitializer());
                    }
                    return super.visitVariable(variable, null);
                }
            }.scan(unit, null);
        }

        @Override
        public @Nullable Void visitMethodInvocation(MethodInvocationTree call, @Nullable Void nothing) {
            if (call.getMethodSelect() instanceof MemberSelectTree select
                    && !call.getArguments().isEmpty()) {
                String name = select.getIdentifier().toString();
                boolean named = OF_STRING.contains(name) || OF_PATTERN.contains(name);
                long end = trees.getSourcePositions().getEndPosition(unit, select);
                int line = (int) unit.getLineMap().getLineNumber(end);
                if (named && lines.contains(line)) {
                    String regex = value(call.getArguments().getFirst());
                    if (regex == null) {
                        others.add(
                                place + ":" + line + " " + call.getArguments().getFirst());
                    } else {
                        constants.add(new Constant(place + ":" + line, regex));
                    }
                }
            }
            return super.visitMethodInvocation(call, null);
        }

        /** The text of a constant expression; null for what is none. */
        private @Nullable String value(Tree tree) {
            return switch (tree) {
                case LiteralTree literal -> String.valueOf(literal.getValue());
                case ParenthesizedTree inside -> value(inside.getExpression());
                case IdentifierTree identifier -> {
                    ExpressionTree initializer = fields.get(identifier.getName().toString());
                    yield initializer == null ? null : value(initializer);
                }
                case BinaryTree sum
                when sum.getKind() == Tree.Kind.PLUS -> {
                    String left = value(sum.getLeftOperand());
                    String right = value(sum.getRightOperand());
                    yield left == null || right == null ? null : left + right;
                }
                default -> null;
            };
        }
    }

    @Test
    void regularExpressionsAreConstants() throws IOException {
        Set<String> others = new TreeSet<>();
        assertThat(constants(others)).hasSizeGreaterThan(150);
        assertThat(others)
                .as(
                        "what is not known when the product is built may come from outside: io.berth.pattern bounds its time")
                .isEmpty();
    }

    @Test
    void noneTakesExponentialTimeOrTheWholeStack() throws Exception {
        List<Constant> constants = constants(new HashSet<>());
        Set<String> slow = new TreeSet<>();
        Thread thread = new Thread(
                null,
                () -> constants.stream()
                        .filter(constant -> constant.regex().length() > 1)
                        .distinct()
                        .forEach(constant -> attack(constant, slow)),
                "small",
                STACK);
        thread.start();
        thread.join();
        assertThat(slow)
                .as("own patterns whose time or recursion grows with what comes from outside")
                .isEmpty();
    }

    private static void attack(Constant constant, Set<String> slow) {
        Pattern pattern = Pattern.compile(constant.regex(), Pattern.DOTALL);
        Set<String> words = words(constant.regex());
        String prefix = constant.regex()
                .chars()
                .mapToObj(Character::toString)
                .takeWhile(c -> c.matches("[\\w :/@-]"))
                .collect(Collectors.joining());
        for (String word : words) {
            for (String before : new TreeSet<>(List.of("", prefix))) {
                for (boolean whole : List.of(true, false)) {
                    run(
                            constant,
                            pattern,
                            before + word.repeat(PUMPED / word.length()) + "\u0001",
                            MOST_LOOKS,
                            true,
                            whole,
                            slow);
                    run(
                            constant,
                            pattern,
                            before + word.repeat(LONG / word.length()) + "\u0001",
                            4 * LONG,
                            false,
                            whole,
                            slow);
                }
            }
        }
    }

    private static void run(
            Constant constant,
            Pattern pattern,
            String text,
            int most,
            boolean bounded,
            boolean whole,
            Set<String> slow) {
        Matcher matcher = pattern.matcher(new Counted(text, most));
        try {
            boolean _ = whole ? matcher.matches() : matcher.find();
        } catch (TooMany e) {
            if (bounded) {
                slow.add(constant + " is exponential for " + text);
            }
        } catch (StackOverflowError e) {
            slow.add(constant + " recurses for " + text.substring(0, 12));
        }
    }

    /** What may be repeated: one and two characters of those that the pattern speaks of. */
    private static Set<String> words(String regex) {
        Set<String> letters = new TreeSet<>(Set.of("a", "0", " ", "-", "."));
        regex.chars()
                .filter(c -> "\\[](){}*+?|^$&".indexOf(c) < 0)
                .mapToObj(Character::toString)
                .filter(letter -> !letter.matches("[b-zB-Z1-9]"))
                .distinct()
                .limit(8)
                .forEach(letters::add);
        Set<String> words = new TreeSet<>(letters);
        for (String first : letters) {
            for (String second : letters) {
                words.add(first + second);
            }
        }
        return words;
    }

    private static final class TooMany extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooMany() {
            super(null, null, false, false);
        }
    }

    /** A text that may be looked at so many times. */
    private static final class Counted implements CharSequence {
        private final String text;
        private int left;

        Counted(String text, int most) {
            this.text = text;
            this.left = most;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (--left < 0) {
                throw new TooMany();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
