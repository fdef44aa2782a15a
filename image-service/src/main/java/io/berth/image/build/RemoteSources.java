package io.berth.image.build;

import io.berth.image.caller.Caller;
import io.berth.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Fetches what is named by an address. Thread-safe. */
public interface RemoteSources {
    /**
     * Fetches a file.
     *
     * @param caller who wants it, and may reach some addresses only
     * @param directory an empty one, which gets the file
     * @param checksum {@code sha256:…} that it must have, or null
     * @return the file's name and digest
     * @throws BuildFailure when it cannot be had, or is another one
     */
    File fetchFile(Caller caller, String url, @Nullable String checksum, Path directory)
            throws IOException, InterruptedException;

    /**
     * Fetches the files of a commit.
     *
     * @param caller who wants them, and may reach some addresses only
     * @param address such as {@code https://host/repo.git#ref:directory}
     * @param directory an empty one, which gets them
     * @param keepGitDir whether {@code .git} is left there
     * @param checksum commit that it must be, or null
     * @return the commit
     * @throws BuildFailure when they cannot be had
     */
    String fetchRepository(Caller caller, String address, @Nullable String checksum, boolean keepGitDir, Path directory)
            throws IOException, InterruptedException;

    /** Whether an address is that of a git repository. */
    boolean isRepository(String address);

    /** A file that was fetched. */
    record File(String name, Digest digest) {}
}
