/**
 * What the engine holds in the kernel and on disk.
 */
@NullMarked
package io.berth.engine.held;

import org.jspecify.annotations.NullMarked;
