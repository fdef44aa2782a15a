/**
 * Finds out who calls, and refuses what they may not do.
 */
@NullMarked
package io.berth.registry.gate;

import org.jspecify.annotations.NullMarked;
