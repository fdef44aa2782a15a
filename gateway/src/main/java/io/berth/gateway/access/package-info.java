/**
 * Who calls, and what they may do: the words in which the data plane asks.
 */
@NullMarked
package io.berth.gateway.access;

import org.jspecify.annotations.NullMarked;
