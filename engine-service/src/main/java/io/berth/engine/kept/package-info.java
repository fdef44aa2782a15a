/** What the engine keeps in memory for as long as it is not removed, and how much of it may be whose. */
@NullMarked
package io.berth.engine.kept;

import org.jspecify.annotations.NullMarked;
