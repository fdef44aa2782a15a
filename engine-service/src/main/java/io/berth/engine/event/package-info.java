/**
 * What happens in the engine, for those who listen.
 */
@NullMarked
package io.berth.engine.event;

import org.jspecify.annotations.NullMarked;
