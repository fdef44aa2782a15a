package io.berth.image.store;

import io.berth.image.data.DataDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/**
 * A number that changes with every change of images or names; an answer stays right while it does not. It lies in a file that
 * this node's engine maps too and so sees without asking. Thread-safe.
 */
@Component
public final class Generation {
    private static final VarHandle NUMBER =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final Path file;
    private final MappedByteBuffer memory;

    Generation(DataDirectory data) {
        this.file = data.generation();
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            this.memory = channel.map(MapMode.READ_WRITE, 0, Long.BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open " + file, e);
        }
        // What was answered before this start is not relied on.
        advance();
    }

    /** The file that holds the number. */
    public Path file() {
        return file;
    }

    public long number() {
        return (long) NUMBER.getVolatile(memory, 0);
    }

    /**
     * Makes a change. The number advances before and after it: what was read while it was under way is not taken for the state
     * after it.
     */
    <T> T during(Supplier<T> change) {
        advance();
        try {
            return change.get();
        } finally {
            advance();
        }
    }

    void advance() {
        long _ = (long) NUMBER.getAndAdd(memory, 0, 1L);
    }
}
