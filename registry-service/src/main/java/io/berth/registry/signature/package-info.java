/**
 * Repositories that hand out signed images only.
 */
@NullMarked
package io.berth.registry.signature;

import org.jspecify.annotations.NullMarked;
