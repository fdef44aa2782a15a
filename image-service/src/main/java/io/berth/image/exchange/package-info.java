/** Images as archives: load, save, import. */
@NullMarked
package io.berth.image.exchange;

import org.jspecify.annotations.NullMarked;
