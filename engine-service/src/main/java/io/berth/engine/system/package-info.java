/**
 * Facts about engine and host.
 */
@NullMarked
package io.berth.engine.system;

import org.jspecify.annotations.NullMarked;
