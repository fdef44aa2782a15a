/**
 * Who a caller is and what it may do; the vocabulary that every other part of the registry shares.
 */
@NullMarked
package io.berth.registry.access;

import org.jspecify.annotations.NullMarked;
