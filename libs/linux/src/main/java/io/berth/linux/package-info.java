/** Linux facilities for Java: what every facility shares, namely errors. */
@NullMarked
package io.berth.linux;

import org.jspecify.annotations.NullMarked;
