/** A service's database in a file of its own: whether it is whole when the service starts, and what becomes of it when its disk is full. */
@NullMarked
package io.berth.database;

import org.jspecify.annotations.NullMarked;
