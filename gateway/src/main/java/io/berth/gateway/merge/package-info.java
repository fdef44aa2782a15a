/**
 * What clients are shown of several nodes as if they were one: lists, totals, events, and what is made on all of them.
 */
@NullMarked
package io.berth.gateway.merge;

import org.jspecify.annotations.NullMarked;
