/**
 * Regular expressions that come from outside: Go's syntax, matched in linear time, with bounds on what they may cost.
 *
 * <p>{@code java.util.regex} takes exponential time for some patterns and cannot be interrupted; it is for the product's own patterns.
 */
@NullMarked
package io.berth.pattern;

import org.jspecify.annotations.NullMarked;
