/**
 * What the registry refuses: the error codes of the distribution specification and the exception that carries them.
 */
@NullMarked
package io.berth.registry.error;

import org.jspecify.annotations.NullMarked;
