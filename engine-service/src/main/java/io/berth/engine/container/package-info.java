/**
 * Containers: their state, one class for each operation on them, and their recovery.
 */
@NullMarked
package io.berth.engine.container;

import org.jspecify.annotations.NullMarked;
