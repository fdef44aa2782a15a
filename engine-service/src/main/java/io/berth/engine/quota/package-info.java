/** Limits of what containers and volumes take on the disk. */
@NullMarked
package io.berth.engine.quota;

import org.jspecify.annotations.NullMarked;
