/**
 * Secrets and configs in the database.
 */
@NullMarked
package io.berth.engine.secret.store;

import org.jspecify.annotations.NullMarked;
