/** Where the engine keeps its state. */
@NullMarked
package io.berth.engine.data;

import org.jspecify.annotations.NullMarked;
