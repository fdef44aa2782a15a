/** Extended attributes of files. */
@NullMarked
package io.berth.linux.xattr;

import org.jspecify.annotations.NullMarked;
