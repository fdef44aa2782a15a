/** Tar and its compressions as streams, and trees of files written from and to archives, relative to descriptors. */
@NullMarked
package io.berth.archive;

import org.jspecify.annotations.NullMarked;
