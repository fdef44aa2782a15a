/**
 * Volumes in the database.
 */
@NullMarked
package io.berth.engine.volume.store;

import org.jspecify.annotations.NullMarked;
