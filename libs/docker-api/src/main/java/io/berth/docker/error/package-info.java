/**
 * Kinds of errors: one kind for each action that a client is expected to take.
 */
@NullMarked
package io.berth.docker.error;

import org.jspecify.annotations.NullMarked;
