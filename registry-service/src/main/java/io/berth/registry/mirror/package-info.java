/**
 * Images copied from and to other registries by rule.
 */
@NullMarked
package io.berth.registry.mirror;

import org.jspecify.annotations.NullMarked;
