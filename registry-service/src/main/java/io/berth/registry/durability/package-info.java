/**
 * Makes what has been acknowledged survive a kill and a power loss: the data directory, fsync and synced commits.
 */
@NullMarked
package io.berth.registry.durability;

import org.jspecify.annotations.NullMarked;
