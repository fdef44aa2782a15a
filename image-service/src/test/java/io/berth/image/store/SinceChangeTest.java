package io.berth.image.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.image.data.DataDirectory;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SinceChangeTest {
    @TempDir
    Path directory;

    private Generation generation;
    private SinceChange<AtomicInteger> known;

    @BeforeEach
    void start() {
        generation = new Generation(new DataDirectory(directory));
        known = new SinceChange<>(generation, AtomicInteger::new);
    }

    @Test
    void isKeptUntilSomethingChanges() {
        AtomicInteger first = known.value();
        assertThat(known.value()).isSameAs(first);
        generation.advance();
        assertThat(known.value()).isNotSameAs(first);
    }

    @Test
    void whatIsReadWhileAChangeIsUnderWayIsNotKept() {
        AtomicInteger before = known.value();
        generation.advance(); // begins
        AtomicInteger during = known.value();
        before.set(1); // by one who began to read earlier
        generation.advance(); // ends
        assertThat(known.value()).isNotSameAs(before).isNotSameAs(during).hasValue(0);
    }
}
