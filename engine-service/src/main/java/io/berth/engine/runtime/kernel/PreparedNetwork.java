package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.Isolation.NamespaceChoice;
import io.berth.engine.runtime.Isolation.NamespaceMaker;
import io.berth.linux.fd.Fd;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The network namespace that is made for a container while other parts of it are being prepared. Owns it, and is to be closed
 * after the launch: the container's processes hold it then.
 */
final class PreparedNetwork implements AutoCloseable {
    private static final PreparedNetwork NONE = new PreparedNetwork(null);

    private final @Nullable CompletableFuture<Fd> namespace;

    private PreparedNetwork(@Nullable CompletableFuture<Fd> namespace) {
        this.namespace = namespace;
    }

    /**
     * Begins to make it, where it is one that is to be made.
     *
     * @param users the user namespace that it is to belong to, open until this is closed
     */
    static PreparedNetwork start(NamespaceChoice choice, Optional<Fd> users, Executor executor) {
        return choice instanceof NamespaceChoice.Prepared(NamespaceMaker maker)
                ? new PreparedNetwork(CompletableFuture.supplyAsync(() -> maker.make(users.orElse(null)), executor))
                : NONE;
    }

    /**
     * Waits until it is there; empty where none is made.
     *
     * @throws RuntimeException what the maker threw
     */
    Optional<Fd> await() {
        if (namespace == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(namespace.join());
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }

    /** Waits for it, also when the launch has failed meanwhile, so that it is never left. */
    @Override
    public void close() {
        if (namespace != null) {
            namespace
                    .handle((made, failure) -> made)
                    .thenAccept(PreparedNetwork::closeMade)
                    .join();
        }
    }

    private static void closeMade(@Nullable Fd made) {
        if (made != null) {
            made.close();
        }
    }
}
