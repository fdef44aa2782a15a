/**
 * The engine: containers, their writable layers, execs and logs on one node.
 */
@NullMarked
package io.berth.engine;

import org.jspecify.annotations.NullMarked;
