package io.berth.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Gives a parser input that nobody thought of: valid examples, changed at random. A parser passes when every input is
 * either taken or refused by an exception it declares, and when no input makes it allocate or compute out of proportion.
 *
 * <p>Whatever else is thrown fails the test, {@link StackOverflowError} and {@link OutOfMemoryError} included, and so
 * does a parser that does not come back. The failure shows the input, shortened as far as it still fails, and the seed
 * that makes it again.
 *
 * <p>System properties: {@code fuzz.seed} (the run's seed, 1), {@code fuzz.cases} (inputs of each parser, 2,000),
 * {@code fuzz.seconds} (go on for so long instead, and print how many inputs that were).
 *
 * <p>For one thread; parsers are called on another one, which is left behind when they do not come back.
 */
public final class Fuzzer {
    private static final long SEED = Long.getLong("fuzz.seed", 1);
    private static final long CASES = Long.getLong("fuzz.cases", 2_000);
    private static final @Nullable Long SECONDS = Long.getLong("fuzz.seconds");

    /** What any input may make a parser allocate, in bytes, and what it may for each byte that it has. */
    private static final long ALLOCATED = 32L << 20;

    private static final long ALLOCATED_BY_BYTE = 1 << 10;

    /** What one input may take of the processor: what takes the square of the longest input takes more. */
    private static final Duration COMPUTING = Duration.ofSeconds(3);

    /** How long an input may take that takes no time of the processor, or never ends. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Attempts to shorten an input that fails, and how long they are made. */
    private static final int SHORTENINGS = 2_000;

    private static final Duration SHORTENING = Duration.ofSeconds(20);

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final String name;
    private final List<byte[]> examples = new ArrayList<>();
    private final List<byte[]> words = new ArrayList<>();
    private final List<Class<? extends Throwable>> refusals = new ArrayList<>();

    private long costs = 1;
    private long allocated = ALLOCATED;
    private Duration computing = COMPUTING;
    private Duration patience = PATIENCE;
    private volatile @Nullable Case current;

    private Fuzzer(String name) {
        this.name = name;
        words.add(new byte[] {0});
        words.add(new byte[] {-1, -1});
        words.add(new byte[] {0x7f, -1});
        words.add(new byte[] {-1, -1, -1, -1});
        words.add(new byte[] {0x7f, -1, -1, -1});
        words.add(new byte[] {-128, 0, 0, 0});
        words.add(new byte[] {-61, 40});
        words.add("é\u0131\u0660\uD83D\uDC33".getBytes(StandardCharsets.UTF_8));
        for (String word : List.of("-1", "99999999999999999999", "9223372036854775807", "2147483648", "..", "\r\n")) {
            words.add(word.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** An input that the parser has, and since when. */
    private static final class Case {
        private final byte[] input;
        private final long since = System.nanoTime();

        private Case(byte[] input) {
            this.input = input;
        }
    }

    /** What parses: it may throw, and what it returns is of no interest. */
    @FunctionalInterface
    public interface Parser {
        /** Parses one input, of any content and up to some hundred KiB. */
        void parse(byte[] input) throws Exception;
    }

    /** As {@link Parser}, of text. */
    @FunctionalInterface
    public interface TextParser {
        /** Parses one text, which may hold any character and unpaired surrogates. */
        void parse(String input) throws Exception;
    }

    /** A fuzzer of a parser with a name for messages. */
    public static Fuzzer of(String name) {
        return new Fuzzer(name);
    }

    /** Adds a valid input to change. */
    public Fuzzer example(byte[] input) {
        examples.add(input.clone());
        return this;
    }

    /** Adds valid texts to change. */
    public Fuzzer examples(String... inputs) {
        for (String input : inputs) {
            example(input.getBytes(StandardCharsets.UTF_8));
        }
        return this;
    }

    /** Adds words of the parser's language, to be put anywhere. */
    public Fuzzer words(String... language) {
        for (String word : language) {
            words.add(word.getBytes(StandardCharsets.UTF_8));
        }
        return this;
    }

    /** Adds an exception, with its subclasses, that the parser may refuse an input by. */
    public Fuzzer refusesBy(Class<? extends Throwable> refusal) {
        refusals.add(refusal);
        return this;
    }

    /** Has fewer inputs than usual: each takes so many times as long as others'. */
    public Fuzzer costing(int times) {
        costs = times;
        return this;
    }

    /** May make the parser allocate so many bytes more than usual: for languages in which few words say much. */
    public Fuzzer allocating(long bytes) {
        allocated = bytes;
        return this;
    }

    /** Has less time than usual: for tests of this class. */
    Fuzzer within(Duration computing, Duration patience) {
        this.computing = computing;
        this.patience = patience;
        return this;
    }

    /** Runs a parser of text. */
    public void runText(TextParser parser) {
        run(input -> parser.parse(text(input)));
    }

    /** Runs a parser; throws {@link AssertionError} at the first input that it takes badly. */
    public void run(Parser parser) {
        FutureTask<Void> cases = new FutureTask<>(() -> runCases(parser), null);
        Thread thread = Thread.ofPlatform().name("fuzz " + name).daemon().start(cases);
        while (true) {
            try {
                cases.get(1, TimeUnit.SECONDS);
                return;
            } catch (TimeoutException _) {
                endless(thread);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof AssertionError failure
                        ? failure
                        : new AssertionError(name + " with seed " + SEED, e.getCause());
            } catch (InterruptedException e) {
                thread.interrupt();
                Thread.currentThread().interrupt();
                throw new AssertionError(name + " was interrupted", e);
            }
        }
    }

    private void endless(Thread thread) {
        Case now = current;
        if (now != null && System.nanoTime() - now.since > patience.toNanos()) {
            AssertionError endless = new AssertionError("does not come back");
            endless.setStackTrace(thread.getStackTrace());
            throw failure(endless, now.input);
        }
    }

    private void runCases(Parser parser) {
        SplittableRandom random = new SplittableRandom(SEED ^ name.hashCode());
        for (byte[] example : examples) {
            check(example, parser);
        }
        long end = SECONDS == null
                ? 0
                : System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
        long cases = 0;
        while (SECONDS == null ? cases < CASES / costs : System.nanoTime() - end < 0) {
            check(new Mutation(random, examples, words).next(), parser);
            cases++;
        }
        if (SECONDS != null) {
            System.out.printf("fuzz: %s: %,d inputs in %d s, seed %d%n", name, cases, SECONDS, SEED);
        }
    }

    private void check(byte[] input, Parser parser) {
        Throwable wrong = wrong(input, parser);
        if (wrong != null) {
            throw failure(wrong, shortened(input, parser));
        }
    }

    private AssertionError failure(Throwable wrong, byte[] input) {
        return new AssertionError(
                name + " with seed " + SEED + ": " + wrong + " for " + input.length + " bytes: "
                        + HexFormat.of().formatHex(input, 0, Math.min(input.length, 500)) + " \""
                        + printable(input) + '"',
                wrong);
    }

    private @Nullable Throwable wrong(byte[] input, Parser parser) {
        current = new Case(input);
        long allocatedBefore = THREADS.getCurrentThreadAllocatedBytes();
        long before = THREADS.getCurrentThreadCpuTime();
        try {
            parser.parse(input.clone());
        } catch (Throwable e) {
            if (refusals.stream().noneMatch(refusal -> refusal.isInstance(e))) {
                return e;
            }
        }
        long computed = THREADS.getCurrentThreadCpuTime() - before;
        long taken = THREADS.getCurrentThreadAllocatedBytes() - allocatedBefore;
        if (computed > computing.toNanos()) {
            return new AssertionError(
                    "computes for " + Duration.ofNanos(computed).toMillis() + " ms");
        }
        return taken > allocated + input.length * ALLOCATED_BY_BYTE
                ? new AssertionError("allocates " + taken + " bytes")
                : null;
    }

    private byte[] shortened(byte[] input, Parser parser) {
        byte[] shortest = input;
        int piece = Math.max(1, input.length / 2);
        int tries = 0;
        long end = System.nanoTime() + SHORTENING.toNanos();
        while (piece > 0 && tries < SHORTENINGS && System.nanoTime() < end) {
            boolean shorter = false;
            for (int at = 0; at < shortest.length && tries < SHORTENINGS && System.nanoTime() < end; at += piece) {
                byte[] without = Mutation.without(shortest, at, Math.min(piece, shortest.length - at));
                tries++;
                if (wrong(without, parser) != null) {
                    shortest = without;
                    shorter = true;
                    at -= piece;
                }
            }
            if (!shorter) {
                piece /= 2;
            }
        }
        return shortest;
    }

    /** Text of UTF-8; bytes that are none become unpaired surrogates, which no reader of a wire makes but JSON's. */
    private static String text(byte[] input) {
        StringBuilder text = new StringBuilder(new String(input, StandardCharsets.UTF_8));
        for (int i = text.indexOf("\uFFFD"); i >= 0; i = text.indexOf("\uFFFD", i + 1)) {
            text.setCharAt(i, i % 2 == 0 ? '\uD800' : '\uDFFF');
        }
        return text.toString();
    }

    private static String printable(byte[] input) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(input.length, 500); i++) {
            text.append(input[i] >= ' ' && input[i] < 0x7f ? (char) input[i] : '.');
        }
        return text.toString();
    }
}
