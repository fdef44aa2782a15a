/** Tar and its compressions, as streams, without any knowledge of file systems. */
@NullMarked
package io.berth.image.archive;

import org.jspecify.annotations.NullMarked;
