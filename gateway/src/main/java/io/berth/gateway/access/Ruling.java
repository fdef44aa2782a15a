package io.berth.gateway.access;

import io.berth.gateway.route.RequestTarget;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the gate says about a request. */
public sealed interface Ruling {
    /**
     * It is forwarded.
     *
     * @param caller null for nobody in particular
     * @param authorized whether the gate has used up the {@code Authorization} header, so that no backend needs to see it
     * @param target what is forwarded instead of what was asked for
     * @param body what is forwarded instead of the body that was read; null for that one, or when none was read
     * @param answers what the caller sees of a successful answer; null for all of it
     */
    record Pass(
            @Nullable Identity caller,
            boolean authorized,
            RequestTarget target,
            @Nullable ByteBuffer body,
            @Nullable AnswerFilter answers)
            implements Ruling {}

    /**
     * It is answered with an error.
     *
     * @param status 400, 401, 403, 404, 413 or 429
     * @param message in Docker's wording where there is one
     * @param challenge value of {@code WWW-Authenticate}, or null
     */
    record Refuse(int status, String message, @Nullable String challenge) implements Ruling {
        public Refuse(int status, String message) {
            this(status, message, null);
        }
    }

    /**
     * It waits for something else, such as whose the container is. What follows the head is not read meanwhile.
     *
     * @param ruling may complete on any thread
     */
    record Later(CompletionStage<Ruling> ruling) implements Ruling {}

    /**
     * It is decided by its body, which is read whole.
     *
     * @param limit in bytes; a larger one is answered with 413
     * @param decide is given all bytes, and none when there is no body
     */
    record Read(int limit, Function<ByteBuffer, Ruling> decide) implements Ruling {}

    /**
     * It is known who calls, whatever comes of it.
     *
     * @param ruling what the gate says about the request
     */
    record Known(Identity caller, Ruling ruling) implements Ruling {}

    /** Forwarded as it came. */
    static Pass pass(Identity caller, RequestTarget target) {
        return new Pass(caller, false, target, null, null);
    }
}
