/**
 * Other registries that this one speaks to.
 */
@NullMarked
package io.berth.registry.remote;

import org.jspecify.annotations.NullMarked;
