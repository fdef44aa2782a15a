/**
 * Measures a platform over its API, the engine's runtime without it, and their peers on the same root file system in the
 * same run; {@code berth bench} starts it.
 */
@NullMarked
package io.berth.bench;

import org.jspecify.annotations.NullMarked;
