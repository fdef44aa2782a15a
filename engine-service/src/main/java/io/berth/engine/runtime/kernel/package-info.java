/**
 * Containers by native kernel calls: what a launch program for a container consists of, and why in that order.
 */
@NullMarked
package io.berth.engine.runtime.kernel;

import org.jspecify.annotations.NullMarked;
