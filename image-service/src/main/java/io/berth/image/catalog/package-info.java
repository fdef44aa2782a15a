/** The images that there are, as callers see them. */
@NullMarked
package io.berth.image.catalog;

import org.jspecify.annotations.NullMarked;
