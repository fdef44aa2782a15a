package io.berth.login;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Counts wrong guesses by what they have in common, such as a user's name or a client's address, and refuses to look at more when there were too
 * many. Whether a user exists makes no difference. Guesses of the same first subject are looked at one after another, so that many at once are
 * counted, too. Of this process alone; bounded memory, from which the oldest go first. Thread-safe.
 */
public final class LoginThrottle {
    private static final int REMEMBERED = 20_000;
    private static final int STRIPES = 64;

    private final Duration window;
    private final ReentrantLock[] turns = new ReentrantLock[STRIPES];
    private final Map<String, Failures> failures = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
            return size() > REMEMBERED;
        }
    };

    private record Failures(int count, long firstNanos) {}

    /**
     * Something that wrong guesses are counted of.
     *
     * @param name of any form that tells subjects apart; what is longer is the same as its beginning, since a client must not choose how much is
     *     remembered
     * @param most wrong guesses within the window
     * @param forgiven whether a right guess makes the wrong ones forgotten
     */
    public record Subject(String name, int most, boolean forgiven) {
        private static final int LONGEST = 160;

        public Subject {
            name = name.length() > LONGEST ? name.substring(0, LONGEST) : name;
        }
    }

    /** @param window from the first wrong guess to when they are forgotten */
    public LoginThrottle(Duration window) {
        this.window = window;
        for (int i = 0; i < STRIPES; i++) {
            turns[i] = new ReentrantLock();
        }
    }

    /** @throws TooManyFailures when no guess about one of them is looked at now */
    public void require(List<Subject> subjects) {
        subjects.forEach(this::require);
    }

    /**
     * Looks at a guess, unless too many were wrong.
     *
     * @param subjects at least one
     * @param look what there is for a right guess, empty for a wrong one
     * @throws TooManyFailures when it is not looked at
     */
    public <T> Optional<T> attempt(List<Subject> subjects, Supplier<Optional<T>> look) {
        ReentrantLock turn = turns[Math.floorMod(subjects.getFirst().name().hashCode(), STRIPES)];
        turn.lock();
        try {
            require(subjects);
            Optional<T> found = look.get();
            if (found.isPresent()) {
                subjects.stream().filter(Subject::forgiven).forEach(this::forget);
            } else {
                subjects.forEach(this::count);
            }
            return found;
        } finally {
            turn.unlock();
        }
    }

    private void require(Subject subject) {
        synchronized (failures) {
            Failures known = failures.get(subject.name());
            if (known == null) {
                return;
            }
            Duration left = window.minusNanos(System.nanoTime() - known.firstNanos());
            if (!left.isPositive()) {
                failures.remove(subject.name());
            } else if (known.count() >= subject.most()) {
                throw new TooManyFailures(left);
            }
        }
    }

    private void count(Subject subject) {
        synchronized (failures) {
            Failures known = failures.get(subject.name());
            failures.put(
                    subject.name(),
                    known == null
                            ? new Failures(1, System.nanoTime())
                            : new Failures(known.count() + 1, known.firstNanos()));
        }
    }

    private void forget(Subject subject) {
        synchronized (failures) {
            failures.remove(subject.name());
        }
    }

    /** How many subjects are remembered. */
    int remembered() {
        synchronized (failures) {
            return failures.size();
        }
    }
}
