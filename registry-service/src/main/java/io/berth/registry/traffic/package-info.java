/** How much content comes and goes, as metrics. */
@NullMarked
package io.berth.registry.traffic;

import org.jspecify.annotations.NullMarked;
