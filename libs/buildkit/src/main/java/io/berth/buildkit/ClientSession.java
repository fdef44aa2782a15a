package io.berth.buildkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a build may ask of the client that wants it, for as long as the client is connected. For use by several threads at
 * once; every call may block, and ends with {@link InterruptedException} or {@link java.io.InterruptedIOException} when its
 * thread is interrupted.
 *
 * <p>Every method throws {@link SessionException} when the client refuses, is gone, or speaks nonsense. Whatever comes from
 * the client is hostile.
 */
public interface ClientSession {
    /** The client's name of the session. */
    String id();

    /**
     * Brings one of the client's local directories here; only what changed since it was last received is sent.
     *
     * <p>The tree is the caller's alone until it is closed: another build of the same directory meanwhile gets one of its
     * own. Owners are as the client says (buildx: 0:0), times to the nanosecond.
     *
     * @param progress told the bytes received so far
     * @throws SessionException when the client has no directory of that name
     */
    ReceivedTree receive(LocalDirectory directory, TransferProgress progress) throws IOException, InterruptedException;

    /**
     * A secret ({@code --secret id=…}), or null when the client has none of that name.
     *
     * @throws SessionException also when it is larger than 500 KiB, BuildKit's limit
     */
    byte @Nullable [] secret(String id) throws IOException, InterruptedException;

    /**
     * Whether the client forwards an SSH agent ({@code --ssh}).
     *
     * @param id its name, {@code default} by default
     */
    boolean hasSshAgent(String id) throws IOException, InterruptedException;

    /**
     * Opens a connection to an SSH agent of the client; each connection of a process to the socket in a container needs one.
     */
    AgentConnection connectSshAgent(String id) throws IOException, InterruptedException;

    /** The client's credential for a registry, {@link Credential#NONE} where it has none. */
    Credential credential(String registryHost) throws IOException, InterruptedException;

    /**
     * A token for a registry that the client fetches itself, so that its credential stays with it; null when the client does
     * not do so ({@link #credential} is then to be asked).
     */
    @Nullable
    RegistryToken fetchToken(TokenRequest request) throws IOException, InterruptedException;

    /**
     * Sends one file to the client: the archive of an export.
     *
     * @param metadata what the client is told of it beforehand, such as {@code containerimage.digest}; empty as a rule
     * @param content writes the whole file; where it throws, the client is told that the file is not complete
     */
    void sendFile(ExportRequest export, Map<String, String> metadata, Content content)
            throws IOException, InterruptedException;

    /**
     * Sends a tree of files to the client, which writes it into a directory of its own.
     *
     * @param progress told the bytes sent so far
     */
    void sendTree(ExportRequest export, Tree tree, TransferProgress progress) throws IOException, InterruptedException;

    /**
     * Reads what the client sends under a name that it has told in an attribute ({@code http://buildkit-session/ID}: a
     * Dockerfile or a context from standard input).
     *
     * @return to be closed; reading fails when the client is gone before the end
     */
    InputStream pull(String id) throws IOException, InterruptedException;

    /**
     * A store of blobs that the client shares.
     *
     * @param store as the client calls it: {@code oci:ID} of an OCI layout, {@code local:PATH} of a cache; whether there is one shows
     *     when something is asked of it
     */
    ClientContent content(String store);

    /** Writes a file's content. */
    @FunctionalInterface
    interface Content {
        void writeTo(OutputStream out) throws IOException, InterruptedException;
    }

    /** Told how much has been transferred. */
    @FunctionalInterface
    interface TransferProgress {
        /** Does nothing. */
        TransferProgress NONE = (_, _) -> {};

        /**
         * @param bytes so far, never less than before
         * @param finished whether this is the last call
         */
        void transferred(long bytes, boolean finished);
    }

    /** A connection to an SSH agent; closing ends both directions. */
    interface AgentConnection extends AutoCloseable {
        /** What the agent answers. */
        InputStream input();

        /** What the agent is asked. Closing ends this direction alone. */
        OutputStream output();

        @Override
        void close();
    }
}
