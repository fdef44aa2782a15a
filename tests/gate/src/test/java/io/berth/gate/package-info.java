/** A gateway and an engine together: what developers reach of what is not theirs. */
@NullMarked
package io.berth.gate;

import org.jspecify.annotations.NullMarked;
