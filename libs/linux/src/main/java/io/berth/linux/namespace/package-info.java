/** Namespaces: their kinds, descriptors that hold them, and work done inside one. */
@NullMarked
package io.berth.linux.namespace;

import org.jspecify.annotations.NullMarked;
