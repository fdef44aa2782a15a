/** Limits of what directories may take on a disk. */
@NullMarked
package io.berth.linux.quota;

import org.jspecify.annotations.NullMarked;
