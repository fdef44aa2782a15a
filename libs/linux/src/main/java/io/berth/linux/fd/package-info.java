/** File descriptors and the files they name. */
@NullMarked
package io.berth.linux.fd;

import org.jspecify.annotations.NullMarked;
