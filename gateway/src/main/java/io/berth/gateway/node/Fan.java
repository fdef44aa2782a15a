package io.berth.gateway.node;

import io.berth.docker.error.SystemFailure;
import io.berth.docker.error.Unavailable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Asks several nodes the same at once, each on a virtual thread, and waits for none longer than a limit. */
public final class Fan {
    /** For what a node knows without looking far. */
    public static final Duration QUICK = Duration.ofSeconds(5);

    private static final Duration SLICE = Duration.ofMillis(250);

    private Fan() {}

    /**
     * What the nodes answered.
     *
     * @param answers in the order of the nodes
     * @param lost nodes that could not be asked or did not answer, with the error for those who need them
     */
    public record Answers(List<Answer> answers, List<Lost> lost) {
        public Answers {
            answers = List.copyOf(answers);
            lost = List.copyOf(lost);
        }

        /** Those that succeeded. */
        public List<Answer> good() {
            return answers.stream().filter(Answer::ok).toList();
        }
    }

    /** A node that did not answer. */
    public record Lost(Node node, Unavailable error) {}

    /** Asks all of them; never throws for a node that fails, and does not wait for one that is lost meanwhile. */
    public static Answers ask(List<Node> nodes, Duration limit, Function<Node, Answer> question) {
        return ask(nodes, limit, question, Node::reachable);
    }

    /** Asks a node that may be lost, to find out whether it is. */
    static Answers probe(Node node, Duration limit, Function<Node, Answer> question) {
        return ask(List.of(node), limit, question, _ -> true);
    }

    private static Answers ask(
            List<Node> nodes, Duration limit, Function<Node, Answer> question, Predicate<Node> worthWaiting) {
        List<Answer> answers = new ArrayList<>();
        List<Lost> lost = new ArrayList<>();
        long deadline = System.nanoTime() + limit.toNanos();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            List<Future<Answer>> asked = new ArrayList<>();
            for (Node node : nodes) {
                asked.add(threads.submit(() -> question.apply(node)));
            }
            for (int i = 0; i < nodes.size(); i++) {
                Node node = nodes.get(i);
                try {
                    answers.add(wait(asked.get(i), () -> worthWaiting.test(node), deadline));
                } catch (ExecutionException e) {
                    lost.add(new Lost(node, node.unreachable(reason(e.getCause()))));
                } catch (TimeoutException e) {
                    lost.add(new Lost(node, node.unreachable("no answer within " + limit.toSeconds() + " s")));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new SystemFailure("interrupted while asking nodes", e);
                }
            }
        } finally {
            threads.shutdownNow();
        }
        return new Answers(answers, lost);
    }

    private static Answer wait(Future<Answer> answer, BooleanSupplier worthWaiting, long deadline)
            throws ExecutionException, TimeoutException, InterruptedException {
        while (true) {
            try {
                long left = Math.clamp(deadline - System.nanoTime(), 1, SLICE.toNanos());
                return answer.get(left, TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                if (System.nanoTime() >= deadline || !worthWaiting.getAsBoolean()) {
                    throw e;
                }
            }
        }
    }

    /** What is at the bottom of it, such as «Connection refused». */
    private static String reason(@Nullable Throwable failure) {
        String reason = "it does not answer";
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            reason = cause.getMessage() == null ? reason : cause.getMessage();
        }
        return reason;
    }
}
