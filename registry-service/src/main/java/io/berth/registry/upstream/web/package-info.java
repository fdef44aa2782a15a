/**
 * Where requests meet the pull-through cache.
 */
@NullMarked
package io.berth.registry.upstream.web;

import org.jspecify.annotations.NullMarked;
