package io.berth.gateway.node;

import io.berth.docker.error.InvalidParameter;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An engine and its image service.
 *
 * @param name unique; letters, digits, {@code _ . -}, at most 63
 * @param engineSocket absolute path of the engine's Unix socket
 * @param imageSocket absolute path of the image service's
 * @param keyFile file with the credential that its services ask for; null when it is the platform's own
 * @param labels for constraints
 * @param cpus processors that containers may reserve, 0 for those it has
 * @param memoryBytes memory that containers may reserve, 0 for what it has
 */
public record NodeSpec(
        String name,
        Path engineSocket,
        Path imageSocket,
        @Nullable Path keyFile,
        Map<String, String> labels,
        double cpus,
        long memoryBytes) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");
    /** A Unix socket's address has 108 bytes with the closing zero (unix(7)). */
    private static final int MAX_SOCKET_PATH = 107;

    /**
     * @throws InvalidParameter when a value is not as described
     */
    public NodeSpec {
        if (!NAME.matcher(name).matches()) {
            throw new InvalidParameter("invalid node name: \"" + name + "\"");
        }
        requireSocket(engineSocket);
        requireSocket(imageSocket);
        if (keyFile != null && !keyFile.isAbsolute()) {
            throw new InvalidParameter("the path of a node's key file must be absolute: " + keyFile);
        }
        if (cpus < 0 || memoryBytes < 0) {
            throw new InvalidParameter("a node's capacity must not be negative");
        }
        labels = Map.copyOf(labels);
    }

    private static void requireSocket(Path socket) {
        if (!socket.isAbsolute() || socket.toString().length() > MAX_SOCKET_PATH) {
            throw new InvalidParameter(
                    "a node's socket must be an absolute path of at most " + MAX_SOCKET_PATH + " bytes: " + socket);
        }
    }
}
