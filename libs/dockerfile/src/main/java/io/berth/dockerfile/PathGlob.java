package io.berth.dockerfile;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A compiled pattern of paths. It is run as a set of states, one before each token, so that matching takes time in proportion to
 * pattern times path whatever the pattern is: patterns come with a build and may be hostile. Immutable.
 */
final class PathGlob {
    private static final int MAX_TOKENS = 4096;

    private final List<Token> tokens;

    private PathGlob(List<Token> tokens) {
        this.tokens = List.copyOf(tokens);
    }

    boolean matches(String path) {
        return run(path).get(tokens.size());
    }

    /** Whether some path that begins like this, and goes on, may match. */
    boolean mayMatchFrom(String prefix) {
        int state = run(prefix).nextSetBit(0);
        return state >= 0 && state < tokens.size();
    }

    private BitSet run(String path) {
        BitSet states = new BitSet(tokens.size() + 1);
        states.set(0);
        spread(states);
        for (int i = 0; i < path.length() && !states.isEmpty(); ) {
            int c = path.codePointAt(i);
            i += Character.charCount(c);
            BitSet next = new BitSet(tokens.size() + 1);
            for (int s = states.nextSetBit(0); s >= 0 && s < tokens.size(); s = states.nextSetBit(s + 1)) {
                switch (tokens.get(s)) {
                    case One token -> next.set(s + 1, token.accepts(c) || next.get(s + 1));
                    case Star() -> next.set(s, c != '/' || next.get(s));
                    case All() -> next.set(s);
                    case Directories() -> {
                        // only left through its inside
                    }
                    case InDirectories() -> {
                        next.set(s);
                        next.set(s + 1, c == '/' || next.get(s + 1));
                    }
                }
            }
            spread(next);
            states = next;
        }
        return states;
    }

    /** Goes past tokens that can stand for nothing. */
    private void spread(BitSet states) {
        for (int s = states.nextSetBit(0); s >= 0 && s < tokens.size(); s = states.nextSetBit(s + 1)) {
            switch (tokens.get(s)) {
                case Star(), All() -> states.set(s + 1);
                case Directories() -> states.set(s + 1, s + 3);
                default -> {
                    // stands for something
                }
            }
        }
    }

    private sealed interface Token {}

    /** One character. */
    private sealed interface One extends Token {
        boolean accepts(int c);
    }

    private record Literal(int character) implements One {
        @Override
        public boolean accepts(int c) {
            return c == character;
        }
    }

    /** {@code ?}. */
    private record Any() implements One {
        @Override
        public boolean accepts(int c) {
            return c != '/';
        }
    }

    private record Range(int low, int high) {}

    /** {@code [a-z]}. */
    private record OneOf(boolean negated, List<Range> ranges, boolean slashToo) implements One {
        @Override
        public boolean accepts(int c) {
            boolean in = ranges.stream().anyMatch(range -> range.low <= c && c <= range.high);
            return in != negated && (slashToo || c != '/');
        }
    }

    /** Any number of characters other than slashes. */
    private record Star() implements Token {}

    /** Any number of characters. */
    private record All() implements Token {}

    /** Nothing, or anything that ends with a slash; {@link InDirectories} always follows. */
    private record Directories() implements Token {}

    /** Inside of {@link Directories}. */
    private record InDirectories() implements Token {}

    /** Collects the tokens of one pattern. */
    static final class Compiler {
        private final String pattern;
        private final boolean slashInClasses;
        private final List<Token> tokens = new ArrayList<>();
        private int at;

        /** @param slashInClasses whether {@code [^a]} can be a slash, as it can for moby/patternmatcher */
        Compiler(String pattern, boolean slashInClasses) {
            this.pattern = pattern;
            this.slashInClasses = slashInClasses;
        }

        boolean atEnd() {
            return at >= pattern.length();
        }

        boolean take(char c) {
            boolean there = !atEnd() && pattern.charAt(at) == c;
            if (there) {
                at++;
            }
            return there;
        }

        /** Takes a whole text, or nothing. */
        boolean takeAll(String text) {
            boolean there = pattern.startsWith(text, at);
            if (there) {
                at += text.length();
            }
            return there;
        }

        /** Takes a text that the pattern ends with. */
        boolean takeLast(String text) {
            return at + text.length() == pattern.length() && takeAll(text);
        }

        char next() {
            return pattern.charAt(at);
        }

        void star() {
            tokens.add(new Star());
        }

        void any() {
            tokens.add(new Any());
        }

        void all() {
            tokens.add(new All());
        }

        void directories() {
            tokens.add(new Directories());
            tokens.add(new InDirectories());
        }

        /** The next character, as itself. */
        void literal() {
            tokens.add(new Literal(character()));
        }

        private int character() {
            if (atEnd()) {
                throw malformed();
            }
            int c = pattern.codePointAt(at);
            at += Character.charCount(c);
            return c;
        }

        /** What follows {@code [}. */
        void oneOf() {
            boolean negated = take('^');
            List<Range> ranges = new ArrayList<>();
            while (ranges.isEmpty() || !take(']')) {
                int low = classCharacter();
                ranges.add(new Range(low, take('-') ? classCharacter() : low));
            }
            tokens.add(new OneOf(negated, List.copyOf(ranges), slashInClasses));
        }

        private int classCharacter() {
            if (atEnd() || pattern.charAt(at) == '-' || pattern.charAt(at) == ']') {
                throw malformed();
            }
            take('\\');
            int c = character();
            if (atEnd()) {
                throw malformed();
            }
            return c;
        }

        static DockerfileException malformed() {
            return new DockerfileException("syntax error in pattern");
        }

        PathGlob compiled() {
            if (tokens.size() > MAX_TOKENS) {
                throw new DockerfileException("pattern is too long");
            }
            return new PathGlob(tokens);
        }
    }
}
