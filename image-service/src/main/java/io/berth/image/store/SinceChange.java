package io.berth.image.store;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What has been read of images and names, kept until they change. Whoever fills it takes it <b>before</b> reading: what was read
 * while a change was under way then lies in one that nobody is given any more. Thread-safe if its values are.
 */
final class SinceChange<T> {
    private final Generation generation;
    private final Supplier<T> fresh;
    private volatile @Nullable Kept<T> kept;

    private record Kept<T>(long number, T value) {}

    /** @param fresh makes an empty one */
    SinceChange(Generation generation, Supplier<T> fresh) {
        this.generation = generation;
        this.fresh = fresh;
    }

    T value() {
        long number = generation.number();
        Kept<T> known = kept;
        if (known == null || known.number != number) {
            known = new Kept<>(number, fresh.get());
            kept = known;
        }
        return known.value;
    }
}
