/** The self-check of a host, for {@code berth check}. */
@NullMarked
package io.berth.engine.check;

import org.jspecify.annotations.NullMarked;
