/**
 * What may not be done to repositories though the caller may push: more than their quota, and changes of immutable tags.
 */
@NullMarked
package io.berth.registry.limit;

import org.jspecify.annotations.NullMarked;
