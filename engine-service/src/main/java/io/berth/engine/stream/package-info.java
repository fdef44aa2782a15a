/**
 * Output of a process to all who are attached, and their input.
 */
@NullMarked
package io.berth.engine.stream;

import org.jspecify.annotations.NullMarked;
