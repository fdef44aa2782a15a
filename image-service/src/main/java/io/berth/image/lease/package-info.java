/** Leases: what keeps content from being collected before an image refers to it. */
@NullMarked
package io.berth.image.lease;

import org.jspecify.annotations.NullMarked;
