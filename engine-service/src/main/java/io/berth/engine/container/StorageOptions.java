package io.berth.engine.container;

import io.berth.docker.container.HostConfig;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.quota.SizeText;
import java.util.Map;

/** How much a container may write to its own layer (moby: daemon/graphdriver/overlay2). */
final class StorageOptions {
    private static final String SIZE = "size";

    private StorageOptions() {}

    /**
     * The size in bytes; zero is unlimited.
     *
     * @throws InvalidParameter for an option that there is not
     */
    static long sizeBytes(HostConfig host) {
        Map<String, String> options = host.storageOpt() == null ? Map.of() : host.storageOpt();
        long size = 0;
        for (Map.Entry<String, String> option : options.entrySet()) {
            if (!option.getKey().equalsIgnoreCase(SIZE)) {
                throw new InvalidParameter("Unknown option " + option.getKey());
            }
            size = SizeText.bytes(option.getValue());
        }
        return size;
    }

    static boolean given(HostConfig host) {
        return host.storageOpt() != null && !host.storageOpt().isEmpty();
    }

    /** Refuses what is no size, and every size where the file system keeps none, also one of zero, as dockerd does. */
    static void check(HostConfig host, boolean supported) {
        long _ = sizeBytes(host);
        if (!supported) {
            throw new InvalidParameter(
                    "--storage-opt is supported only for overlay over xfs with 'pquota' mount option");
        }
    }
}
