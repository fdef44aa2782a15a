package io.berth.engine.image.web;

import io.berth.node.ResolvedImage.Generation;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The state of the node's images, seen through memory shared with image-service. Thread-safe. */
final class SharedGeneration {
    private static final VarHandle NUMBER =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
    /** A file that was replaced would never change: it is opened again from time to time. */
    private static final Duration LONGEST_USE = Duration.ofSeconds(10);

    private volatile @Nullable Mapped mapped;

    private record Mapped(String file, MappedByteBuffer memory, long nanoTime) {
        boolean serves(String wanted) {
            return file.equals(wanted) && System.nanoTime() - nanoTime < LONGEST_USE.toNanos();
        }
    }

    /** Whether the images are as they were; no when that cannot be told. */
    boolean isStill(Generation then) {
        Mapped current = mapped;
        if (current == null || !current.serves(then.file())) {
            current = map(then.file());
            mapped = current;
        }
        if (current == null) {
            return false;
        }
        // What the caller wrote before must be seen by others before the number is read.
        VarHandle.fullFence();
        return (long) NUMBER.getVolatile(current.memory, 0) == then.number();
    }

    private static @Nullable Mapped map(String file) {
        try (FileChannel channel = FileChannel.open(Path.of(file), StandardOpenOption.READ)) {
            if (channel.size() < Long.BYTES) {
                return null;
            }
            MappedByteBuffer memory = channel.map(MapMode.READ_ONLY, 0, Long.BYTES);
            return new Mapped(file, memory, System.nanoTime());
        } catch (IOException e) {
            // Not an error: image-service is asked instead, and says what is wrong.
            return null;
        }
    }
}
