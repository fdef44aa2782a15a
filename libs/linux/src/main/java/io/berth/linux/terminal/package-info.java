/** Terminals and pipes: what a container's standard streams are made of. */
@NullMarked
package io.berth.linux.terminal;

import org.jspecify.annotations.NullMarked;
