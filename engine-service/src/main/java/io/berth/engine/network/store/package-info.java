/** Networks in the database. */
@NullMarked
package io.berth.engine.network.store;

import org.jspecify.annotations.NullMarked;
