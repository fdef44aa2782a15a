package io.berth.registry.storage;

import java.util.Optional;

/** A storage elsewhere that takes the place of files, if one is set. */
public interface RemoteStorage {
    /** Empty when content is kept as files. */
    Optional<ContentStorage> contents();

    /** Empty when uploads are kept as files. */
    Optional<UploadStorage> uploads();
}
