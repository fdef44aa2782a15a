/**
 * A process that holds open files for this one, so that they outlive it.
 */
@NullMarked
package io.berth.linux.keeper;

import org.jspecify.annotations.NullMarked;
