/**
 * The output of containers on disk, in Docker's json-file format.
 */
@NullMarked
package io.berth.engine.log;

import org.jspecify.annotations.NullMarked;
