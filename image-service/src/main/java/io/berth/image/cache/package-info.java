/** What builds keep: results of steps by the content that went into them, and directories of cache mounts. */
@NullMarked
package io.berth.image.cache;

import org.jspecify.annotations.NullMarked;
