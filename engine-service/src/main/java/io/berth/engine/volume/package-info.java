/**
 * Volumes of this node: named directories that outlive containers, and file systems that are mounted while containers use them.
 */
@NullMarked
package io.berth.engine.volume;

import org.jspecify.annotations.NullMarked;
