/** Bindings to libc; the only package that may import com.sun.jna. */
@NullMarked
package io.berth.linux.jna;

import org.jspecify.annotations.NullMarked;
