/** What the network feature asks of the kernel. */
@NullMarked
package io.berth.engine.network.runtime;

import org.jspecify.annotations.NullMarked;
