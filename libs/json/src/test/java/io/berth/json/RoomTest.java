package io.berth.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RoomTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Room room = new Room(100);

    @Test
    void whatDoesNotFitWaitsAndGoesOnInOrder() {
        assertThat(room.await(60, LONG)).isTrue();
        CompletableFuture<Boolean> large = room.take(80, LONG);
        CompletableFuture<Boolean> second = room.take(50, LONG);
        assertThat(large).isNotDone();
        assertThat(room.tryTake(40)).isTrue();
        room.giveBack(40);
        assertThat(large).isNotDone();
        room.giveBack(60);
        assertThat(large).isCompletedWithValue(true);
        assertThat(second).isNotDone();
        room.giveBack(80);
        assertThat(second).isCompletedWithValue(true);
    }

    @Test
    void whoeverGivesUpTakesNothing() {
        assertThat(room.tryTake(90)).isTrue();
        assertThat(room.await(20, Duration.ofMillis(20))).isFalse();
        CompletableFuture<Boolean> gone = room.take(20, LONG);
        gone.complete(false);
        room.giveBack(90);
        assertThat(room.tryTake(100)).isTrue();
    }

    @Test
    void moreThanAllGoesAlone() {
        assertThat(room.tryTake(500)).isTrue();
        assertThat(room.tryTake(1)).isFalse();
        room.giveBack(500);
        assertThat(room.tryTake(1)).isTrue();
        assertThat(room.tryTake(500)).isFalse();
    }

    @Test
    void takesNoMoreThanThereIsFromManyThreads() throws InterruptedException {
        Thread[] threads = new Thread[32];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = Thread.ofVirtual().start(() -> {
                for (int round = 0; round < 200; round++) {
                    if (room.await(30, LONG)) {
                        room.giveBack(30);
                    }
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(room.tryTake(100)).isTrue();
        assertThat(room.tryTake(1)).isFalse();
    }
}
