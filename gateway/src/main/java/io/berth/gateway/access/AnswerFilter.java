package io.berth.gateway.access;

import java.nio.ByteBuffer;

/** Makes of an answer what its caller may see. Pure and thread-safe. */
@FunctionalInterface
public interface AnswerFilter {
    /** Largest answer that is filtered, in bytes. */
    int MAX_BYTES = 16 * 1024 * 1024;

    /**
     * What is sent instead.
     *
     * @param json the whole body of an answer with status 200
     * @throws RuntimeException when it cannot be read; the caller gets an error
     */
    ByteBuffer seen(ByteBuffer json);
}
