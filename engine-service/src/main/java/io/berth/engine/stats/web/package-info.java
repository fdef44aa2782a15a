/**
 * The stats endpoint.
 */
@NullMarked
package io.berth.engine.stats.web;

import org.jspecify.annotations.NullMarked;
