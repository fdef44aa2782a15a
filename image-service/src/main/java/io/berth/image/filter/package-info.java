/** Filters of the Engine API. */
@NullMarked
package io.berth.image.filter;

import org.jspecify.annotations.NullMarked;
