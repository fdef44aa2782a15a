/**
 * Filters of list and event requests.
 */
@NullMarked
package io.berth.engine.filter;

import org.jspecify.annotations.NullMarked;
