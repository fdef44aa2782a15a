package io.berth.engine.container;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;

/**
 * User namespaces of containers.
 *
 * @param defaultMode what a container gets that does not say: {@code auto}, a range of ids of its own, or {@code host}
 * @param base the first id of the first range. By default above what systemd gives its containers, in ids that nobody assigns
 *     (systemd: docs/UIDS-GIDS.md)
 */
@ConfigurationProperties("berth.engine.userns")
record UserRangeProperties(
        @Name("default") @DefaultValue("host") Mode defaultMode,
        @DefaultValue("1879048192") long base) {
    /** Ids are signed in too many programs to go further. */
    private static final long END = 1L << 31;

    enum Mode {
        HOST,
        AUTO
    }

    UserRangeProperties {
        if (base < UserRanges.SIZE || base > END - UserRanges.SIZE) {
            throw new IllegalArgumentException("berth.engine.userns.base: " + base + " (expected: " + UserRanges.SIZE
                    + " to " + (END - UserRanges.SIZE) + ")");
        }
    }

    /** How many ranges there are. */
    int count() {
        return (int) ((END - base) / UserRanges.SIZE);
    }
}
