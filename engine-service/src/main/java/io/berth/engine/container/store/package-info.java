/**
 * Containers in the database.
 */
@NullMarked
package io.berth.engine.container.store;

import org.jspecify.annotations.NullMarked;
