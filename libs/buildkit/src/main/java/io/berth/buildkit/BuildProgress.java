package io.berth.buildkit;

import io.berth.oci.Digest;
import java.util.List;

/**
 * Told by the builder what it does, so that the client can show it. For use by several threads at once; never blocks for long
 * and never fails, whether anybody listens or not.
 */
public interface BuildProgress {
    /**
     * Declares a step, once for each digest. The client shows steps in the order of their first events.
     *
     * @param digest names the step for good: the same step of another build has the same digest, and no two steps of one
     *     build share one
     * @param name as the client shows it, such as {@code [build 2/4] RUN make}; names that begin with {@code [internal]} are
     *     the builder's own business
     * @param inputs the steps this one builds on
     * @return the same object when it was declared before
     */
    Vertex vertex(Digest digest, String name, List<Digest> inputs);

    /** One step. Events other than these calls in order of time make no sense, but do no harm. */
    interface Vertex {
        Digest digest();

        /** Work on it begins; may come again after an end, for a step that runs more than once. */
        void started();

        /** Nothing was to be done: its result comes from the cache. Starts and completes it. */
        void cached();

        void completed();

        /**
         * It has failed.
         *
         * @param message as the client shows it; {@code context canceled} for a step that was stopped
         */
        void failed(String message);

        /**
         * What a process wrote.
         *
         * @param stream 1 for standard output, 2 for standard error
         */
        void log(int stream, byte[] bytes, int offset, int length);

        /** A part of the step that has started or gone on, such as a layer's download; see {@link Status}. */
        void status(Status status);

        void warning(Warning warning);
    }

    /**
     * How far a part of a step is.
     *
     * @param id names the part within its step, and is shown: {@code sha256:…} or {@code transferring context:}
     * @param current so far, in bytes as a rule, else 0
     * @param total in the same unit; 0 when it is not known
     * @param completed whether it is over
     */
    record Status(String id, long current, long total, boolean completed) {}

    /**
     * A warning.
     *
     * @param level 1 as a rule
     * @param summary one line, such as {@code JSONArgsRecommended: JSON arguments recommended …}
     * @param detail more lines
     * @param url where it is explained, or empty
     * @param sources the lines it is about; of one file, empty for none
     */
    record Warning(int level, String summary, List<String> detail, String url, List<SourceLines> sources) {
        public Warning {
            detail = List.copyOf(detail);
            sources = List.copyOf(sources);
        }
    }
}
