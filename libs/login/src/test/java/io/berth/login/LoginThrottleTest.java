package io.berth.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.login.LoginThrottle.Subject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LoginThrottleTest {
    private static final Duration WINDOW = Duration.ofMinutes(5);

    private static List<Subject> of(String name, int most, String address, int mostOfAddress) {
        return List.of(new Subject(name + '@' + address, most, true), new Subject(address, mostOfAddress, false));
    }

    private static boolean right(LoginThrottle throttle, List<Subject> subjects) {
        return throttle.attempt(subjects, () -> Optional.of("in")).isPresent();
    }

    private static void wrong(LoginThrottle throttle, List<Subject> subjects) {
        assertThat(throttle.attempt(subjects, Optional::empty)).isEmpty();
    }

    @Test
    void oneSubjectIsRefusedAndOthersAreNot() {
        LoginThrottle throttle = new LoginThrottle(WINDOW);
        List<Subject> alice = of("alice", 3, "10.0.0.1", 100);
        for (int i = 0; i < 3; i++) {
            wrong(throttle, alice);
        }
        assertThatThrownBy(() -> right(throttle, alice))
                .isInstanceOfSatisfying(
                        TooManyFailures.class,
                        refused -> assertThat(Integer.parseInt(refused.retryAfterSeconds()))
                                .isBetween(290, 301));
        assertThatThrownBy(() -> throttle.require(alice)).isInstanceOf(TooManyFailures.class);
        assertThat(right(throttle, of("alice", 3, "10.0.0.2", 100))).isTrue();
        assertThat(right(throttle, of("bob", 3, "10.0.0.1", 100))).isTrue();
    }

    @Test
    void whatManyHaveInCommonHasItsOwnLimit() {
        LoginThrottle throttle = new LoginThrottle(WINDOW);
        for (int i = 0; i < 5; i++) {
            wrong(throttle, of("user" + i, 3, "10.0.0.1", 5));
        }
        assertThatThrownBy(() -> right(throttle, of("user9", 3, "10.0.0.1", 5))).isInstanceOf(TooManyFailures.class);
    }

    @Test
    void aRightGuessForgetsWrongOnes() {
        LoginThrottle throttle = new LoginThrottle(WINDOW);
        List<Subject> alice = of("alice", 3, "10.0.0.1", 25);
        for (int i = 0; i < 10; i++) {
            wrong(throttle, alice);
            wrong(throttle, alice);
            assertThat(right(throttle, alice)).isTrue();
        }
        // Of the address it is not forgiven: who knows one password must not try those of others for ever.
        for (int i = 0; i < 5; i++) {
            wrong(throttle, of("bob" + i, 3, "10.0.0.1", 25));
        }
        assertThatThrownBy(() -> right(throttle, alice)).isInstanceOf(TooManyFailures.class);
    }

    @Test
    void wrongOnesAreForgottenAfterTheWindow() throws InterruptedException {
        LoginThrottle throttle = new LoginThrottle(Duration.ofMillis(100));
        List<Subject> alice = of("alice", 1, "10.0.0.1", 1);
        wrong(throttle, alice);
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        boolean looked = false;
        while (!looked && System.nanoTime() < deadline) {
            Thread.sleep(20);
            try {
                looked = right(throttle, alice);
            } catch (TooManyFailures e) {
                assertThat(e.retryAfterSeconds()).isEqualTo("1");
            }
        }
        assertThat(looked).isTrue();
    }

    @Test
    void manyGuessesAtOnceAreCounted() {
        LoginThrottle throttle = new LoginThrottle(WINDOW);
        List<Subject> alice = of("alice", 5, "10.0.0.1", 100);
        AtomicInteger looked = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        try (ExecutorService guesses = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 200; i++) {
                guesses.execute(() -> {
                    try {
                        var _ = throttle.attempt(alice, () -> {
                            looked.incrementAndGet();
                            return Optional.empty();
                        });
                    } catch (TooManyFailures e) {
                        refused.incrementAndGet();
                    }
                });
            }
        }
        assertThat(looked).hasValue(5);
        assertThat(refused).hasValue(195);
    }

    @Test
    void memoryIsBounded() {
        LoginThrottle throttle = new LoginThrottle(WINDOW);
        for (int i = 0; i < 30_000; i++) {
            wrong(throttle, of("user" + i, 5, "10.0." + i / 250 + "." + i % 250, 100));
        }
        assertThat(throttle.remembered()).isLessThanOrEqualTo(20_000);
        assertThat(new Subject("x".repeat(100_000), 5, true).name()).hasSizeLessThan(200);
    }
}
