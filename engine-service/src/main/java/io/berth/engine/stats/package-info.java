/**
 * What containers use, for those who ask.
 */
@NullMarked
package io.berth.engine.stats;

import org.jspecify.annotations.NullMarked;
