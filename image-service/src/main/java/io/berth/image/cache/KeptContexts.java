package io.berth.image.cache;

import java.util.List;

/** Directories of clients that are kept, so that their next builds send only what has changed. Thread-safe. */
public interface KeptContexts {
    /** Records of kind {@code source.local}, whose {@link CacheRecord#directory} names the directory. */
    List<CacheRecord> list();

    /**
     * Removes one.
     *
     * @param directory of its record
     * @return whether it is gone; false while a build uses it
     */
    boolean remove(String directory);
}
