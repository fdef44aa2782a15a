package io.berth.image.build;

import io.berth.dockerfile.Warning;
import io.berth.oci.Digest;
import java.util.List;

/**
 * Hears how a build goes. Thread-safe: steps of several stages run side by side. A listener that throws ends the build: its client
 * has gone.
 */
public interface BuildListener {
    /** The stages that are built, in the order of the file, before anything else. */
    void stages(List<StageOutline> stages);

    /** A step begins. */
    Progress begin(Step step);

    /** A check of the Dockerfile found something. */
    void warning(Warning warning);

    /**
     * Build arguments that nothing has asked for, told at the end of a build that has succeeded.
     *
     * @param names sorted, at least one
     */
    default void unusedArguments(List<String> names) {}

    /**
     * A stage that is built.
     *
     * @param steps how many instructions it has, FROM among them
     * @param filesSteps those of them that may change files, and FROM
     */
    record StageOutline(int index, String name, int steps, int filesSteps) {}

    /**
     * A step.
     *
     * @param id the same for the same step of the same build, and no other
     * @param stage its number; -1 for what belongs to none
     * @param number within its stage, from 1
     * @param filesNumber among those that may change files; 0 when it changes only settings
     * @param text as BuildKit shows it: the instruction with its variables filled in
     * @param inputs ids of the steps it needs
     */
    record Step(Digest id, int stage, int number, int filesNumber, String text, List<Digest> inputs) {
        public Step {
            inputs = List.copyOf(inputs);
        }
    }

    /** Of one step. */
    interface Progress {
        /** The cache does not have it: work on it begins. Not called for what takes no time. */
        void running();

        /** What its command wrote. */
        void output(boolean error, byte[] content);

        /** How far a part of it has come, in bytes; a total of 0 is not known. */
        void status(String part, long current, long total);

        /** Its result comes from the cache. */
        void cached();

        /**
         * It is over.
         *
         * @param result what can be shown of its result, such as the beginning of a digest; may be empty
         */
        void done(String result);

        /** It failed. */
        void failed(String message);
    }
}
