/**
 * Health checks: when containers are probed, and what follows.
 */
@NullMarked
package io.berth.engine.health;

import org.jspecify.annotations.NullMarked;
